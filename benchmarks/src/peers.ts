import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Contestant } from "./contestants.js";

/* JavaScript libraries. They stand outside of the workspace, and are installed when the benchmarks first ask for them. */

export interface Peer extends Contestant {
  /** Whether it computes on several threads in Node. */
  readonly threaded: boolean;
}

const folder = fileURLToPath(new URL("../peers/", import.meta.url));

const peer = (name: string, script: string, args: readonly string[] = [], threaded = false): Peer => ({
  name,
  command: [process.execPath, `${folder}${script}`, ...args],
  limit: 60,
  threaded,
});

export const peers: readonly Peer[] = [
  peer("tfjs wasm", "tfjs.mjs", ["wasm"]),
  peer("tfjs cpu", "tfjs.mjs", ["cpu"]),
  peer("jax-js", "jax.mjs"),
  peer("js-pytorch", "js-pytorch.mjs"),
  peer("onnxruntime-web", "onnxruntime.mjs", [], true),
];

/** Installs them, unless they are there; says whether they are. */
export function installPeers(): boolean {
  const { packageManager } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
  const args = ["-y", packageManager, "install", "--frozen-lockfile"];
  return spawnSync("npx", args, { cwd: folder, stdio: ["ignore", "ignore", "inherit"] }).status === 0;
}
