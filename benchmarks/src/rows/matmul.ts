import { matmul, randn } from "kindling";
import { type Group, type Row, rate } from "../row.js";

const row = (n: number): Row => ({
  name: `matmul ${n} × ${n}`,
  ...rate("GFLOPS", (2 * n ** 3) / 1e9),
  targets: { kindling: { pytorch: [0.5, 0.42], peers: 1.8 }, blas: { pytorch: 0.95 } },
  prepare() {
    const [a, b] = [randn(n, n), randn(n, n)];
    return { call: () => matmul(a, b) };
  },
});

export const products: Group = { name: "matmul", rows: [256, 512, 1024].map(row) };
