import { ones } from "@kindling/autograd";
import { blasInfo } from "@kindling/backend-blas";

// whether or not there is one: in a bundle for browsers there is none
const { available, description } = blasInfo();
console.log(ones(64, 64).matmul(ones(64, 64)).sum().item(), available !== description.startsWith("none: "));
