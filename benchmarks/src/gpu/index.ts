import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { init, profile, scope, synchronize } from "kindling";
import { create } from "webgpu";
import type { Cases } from "./cases.js";
import { Clock } from "./clock.js";
import { kernels } from "./kernels.js";
import { programs } from "./programs.js";
import { markdown, type Result, type Results } from "./table.js";

/* Measures device `webgpu`: node dist/gpu/index.js --pytorch pytorch.json --out results.json */

const { values: given } = parseArgs({
  options: {
    cases: { type: "string" },
    pytorch: { type: "string" },
    out: { type: "string" },
    filler: { type: "string", default: "2048" },
    budget: { type: "string", default: "600" },
    profile: { type: "boolean", default: false },
  },
});

/** What pytorch.py wrote. */
interface Peer {
  readonly machine: string;
  readonly pytorch: string;
  readonly rows: Readonly<Record<string, number>>;
}

const load = (path: string | URL): unknown => JSON.parse(readFileSync(path, "utf8"));
const cases = load(given.cases ?? new URL("../../gpu/cases.json", import.meta.url)) as Cases;
const peer = given.pytorch === undefined ? null : (load(given.pytorch) as Peer);

/** Dawn crashes when this is collected before its devices are. */
const gpu = create([]);
const adapter = await gpu.requestAdapter({ powerPreference: "high-performance" });
const { vendor, description } = adapter?.info ?? { vendor: "no", description: "adapter" };

await init("webgpu");
const clock = new Clock(Number(given.filler));
const rows: Result[] = [];
const start = performance.now();

async function measure(
  name: string,
  flops: number | null,
  work: () => Promise<{ time: number; error: number | null }>,
): Promise<void> {
  if (performance.now() - start > 1000 * Number(given.budget)) {
    console.log(`${name}: no time`);
    return;
  }
  try {
    const { time, error } = await work();
    const pytorch = peer?.rows[name] ?? null;
    rows.push({ name, flops, kindling: time, pytorch, error });
    const said = `${name}: ${time.toFixed(4)} ms, PyTorch ${pytorch?.toFixed(4) ?? "–"} ms`;
    console.log(error === null ? said : `${said}, error ${error.toExponential(1)}`);
    if (error !== null && !(error < 1e-4)) throw new Error(`${name}: the result is wrong`);
  } catch (failure) {
    console.log(`${name}: ${failure}`);
    process.exitCode = 1;
  }
}

clock.busy(2000);
if (given.profile) {
  for (const { name, prepare } of programs(cases)) {
    const call = prepare();
    for (let i = 0; i < 3; i++) scope(() => void call());
    await synchronize();
    clock.busy(400);
    const start = performance.now();
    const { rows } = await profile(async () => scope(() => void call()));
    const total = rows.reduce((sum, { time }) => sum + time, 0);
    console.log(
      `\n${name}: ${total.toFixed(2)} ms of kernels, ${(performance.now() - start).toFixed(1)} ms in all, filler included`,
    );
    for (const { name: kernel, calls, time } of rows.slice(0, 16))
      console.log(`${kernel}  ${calls} ×  ${time.toFixed(3)} ms`);
  }
  process.exit();
}
for (const { name, prepare } of programs(cases)) {
  await measure(name, null, async () => ({ time: await clock.calls(prepare(), 300), error: null }));
}
for (const { name, flops, prepare } of kernels(cases)) {
  await measure(name, flops, async () => {
    const { call, check } = prepare();
    return { error: await check(), time: await clock.kernels(call) };
  });
}

const results: Results = {
  date: new Date().toISOString().slice(0, 10),
  machine: peer?.machine ?? description,
  kindling: `Kindling on Node ${process.versions.node}, adapter "${vendor} ${description}"`,
  pytorch: peer?.pytorch ?? null,
  rows,
};
console.log(markdown(results));
if (given.out !== undefined) writeFileSync(given.out, `${JSON.stringify(results, null, 2)}\n`);
process.exit(); // Dawn holds the process
