// The same seed as PyTorch
import { manualSeed, nn, rand, randn, randperm } from "kindling";

// PyTorch 1.13: torch.manual_seed(0); torch.rand(3); torch.randn(2, 3); torch.nn.Linear(2, 2).weight; torch.randperm(6)
manualSeed(0);
console.log(rand(3));
console.log(randn(2, 3));
console.log(new nn.Linear(2, 2).weight);
console.log(randperm(6));
