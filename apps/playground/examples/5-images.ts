// Images
import { linspace, manualSeed, rand, stack } from "kindling";

// A picture is (3, height, width), from 0 to 1.
const across = linspace(0, 1, 64).expand(64, 64);
const down = across.t();
show(stack([across, down, across.mul(down)]));

// Several are (N, channels, height, width).
manualSeed(0);
const noise = rand(4, 1, 16, 16);
show(noise, { columns: 4, labels: ["a", "b", "c", "d"] });
console.log(noise.shape);
