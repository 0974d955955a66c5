// Tensors and broadcasting
import { arange, tensor } from "kindling";

const column = arange(3).reshape(3, 1);
const row = tensor([10, 20]);
const table = column.add(row); // (3, 1) and (2) meet as (3, 2)
console.log(table);
console.log(table.shape, table.dtype);
console.log("mean of each column:", table.mean(0));

// Every step of a chain is a tensor; nothing is disposed.
const waves = arange(0, 6.3, 0.1);
show({ sine: waves.sin(), cosine: waves.cos() }, { x: "step", y: "value" });
