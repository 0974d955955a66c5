import { readFileSync } from "node:fs";
import { it } from "vitest";
import * as k from "@kindling/autograd";
const { tensor, cos, arange, autograd, noGrad } = k;
const programs = JSON.parse(readFileSync(process.env.PROG!, "utf8"));
const weights = (shape: number[], i: number) => { const n = shape.reduce((a, b) => a * b, 1); return cos(arange(n, { dtype: "float64" }).mul(0.7).add(i)).reshape(shape); };
function runStep(env: any, step: any[]) {
  const [target, op, ...args] = step;
  const raw = args.map((x) => (x !== null && typeof x === "object" && "v" in x ? env[x.v] : x));
  const [x] = raw;
  let r: any;
  if (op === "cat") r = k.cat(raw, 0);
  else if (op === "stack") r = k.stack(raw, 0);
  else if (op === "slice") r = x.at(...Array(raw[1]).fill(":"), `${raw[2]}:${raw[3]}:${raw[4]}`);
  else if (op === "maskedFillPos") r = x.maskedFill_(raw[1].detach().gt(0), raw[2]);
  else if (op === "wherePos") r = k.where(x.detach().gt(0), x, raw[1]);
  else if (op === "scatterRev_") r = x.scatter_(0, arange(x.shape[0] - 1, -1, -1), raw[1]);
  else if (op === "indexAdd0_") r = x.indexAdd_(0, k.zeros(x.shape[0], { dtype: "int32" }), raw[1]);
  else if (op === "setAt0") r = x.setAt([0], raw[1]);
  else r = x[op](...raw.slice(1));
  if (Array.isArray(target)) target.forEach((n, i) => { env[n] = r[i]; });
  else if (target) env[target] = r;
}
const close = (a: any, b: any) => a.length === b.length && a.every((x: number, i: number) => Math.abs(x - b[i]) <= 1e-9 * Math.max(1, Math.abs(b[i])));
it("programs", () => {
  let bad = 0; const kinds: Record<string, number> = {};
  programs.forEach((p: any, pi: number) => {
    const problems: string[] = [];
    const env: any = {};
    for (const [n, v] of Object.entries<any>(p.inputs)) env[n] = tensor(v.data, { dtype: "float64" }).reshape(v.shape).clone().requiresGrad_(v.rg);
    let err: any = null;
    p.steps.forEach(([mode, ...s]: any[], i: number) => {
      if (err) return;
      try { if (mode === "noGrad") noGrad(() => runStep(env, s)); else runStep(env, s); }
      catch (e: any) { err = e; if (!(p.error && i === p.steps.length - 1)) problems.push(`step ${i} threw ${e.message.slice(0, 300)}`); }
    });
    if (p.error && !err) problems.push(`no error, expected ${p.error.slice(0, 250)}`);
    else if (p.error && err && !(err instanceof k.KindlingError)) problems.push(`odd error ${err}`);
    else if (p.error && err) { const norm = (s: string) => s.replace(/[_\s]/g, "").toLowerCase().slice(0, 60); if (norm(p.error) !== norm(err.message)) problems.push(`TEXT ${p.error.slice(0, 200)} | ${err.message.slice(0, 200)}`); }
    if (!err) for (const [n, s] of Object.entries<any>(p.state)) {
      const t = env[n];
      if (s.error) { try { t.gradFn; problems.push(`${n}: gradFn should throw`); } catch {} if (!close(Array.from(t.data.reshape(-1).toTypedArray()), s.data)) problems.push(`${n}: data`); continue; }
      try {
      if (!close(Array.from(t.detach().reshape(-1).toTypedArray()), s.data)) problems.push(`${n}: data`);
      if (JSON.stringify(t.shape) !== JSON.stringify(s.shape)) problems.push(`${n}: shape`);
      if (t.requiresGrad !== s.rg) problems.push(`${n}: requiresGrad ${t.requiresGrad}`);
      if (t.isLeaf !== s.leaf) problems.push(`${n}: isLeaf ${t.isLeaf}`);
      if (t.version !== s.version) problems.push(`${n}: version ${t.version} not ${s.version}`);
      } catch (e: any) { problems.push(`${n}: ${e.message.slice(0, 200)}`); }
    }
    if (!p.error && !err) {
      try {
        const loss = p.outs.map((o: string, i: number) => env[o].mul(weights(env[o].shape, i)).sum()).reduce((a: any, b: any) => a.add(b));
        const gs = autograd.grad(loss, p.wrt.map((n: string) => env[n]), { retainGraph: true, allowUnused: true });
        if (p.bwderror) problems.push(`no backward error, expected ${p.bwderror.slice(0, 200)}`);
        else {
          gs.forEach((g, i) => { const want = p.grads[i]; const got = g && Array.from(g.reshape(-1).toTypedArray() as Float64Array); if ((want === null) !== (got === null)) problems.push(`grad ${p.wrt[i]} ${got} want ${want}`); else if (got && !close(got, want)) problems.push(`grad ${p.wrt[i]} ${got} want ${want}`); });
          loss.backward();
          for (const [n, want] of Object.entries<any>(p.leafgrads)) { const got = env[n].grad && Array.from(env[n].grad.reshape(-1).toTypedArray()); if ((want === null) !== (got === null)) problems.push(`leaf ${n}`); else if (got && !close(got, want)) problems.push(`leaf ${n} ${got} want ${want}`); }
        }
      } catch (e: any) {
        const norm = (s: string) => s.replace(/[_\s]/g, "").toLowerCase();
        if (!p.bwderror) problems.push(`backward threw ${e.message.slice(0, 300)}`);
        else if (norm(p.bwderror.replace("torch.DoubleTensor", "DoubleTensor").replace("torch::autograd::", "")).slice(0, 200) !== norm(e.message).slice(0, 200)) problems.push(`BTEXT ${p.bwderror.slice(90, 260)} | ${e.message.slice(90, 260)}`);
      }
    }
    if (problems.length) { bad++; const key = problems[0].replace(/[-\d.,e]+/g, "#").slice(0, 60); kinds[key] = (kinds[key] ?? 0) + 1; if (bad <= Number(process.env.SHOW ?? 4)) console.log(`#${pi}`, JSON.stringify(p.steps), Object.entries<any>(p.inputs).map(([n, v]) => `${n}${JSON.stringify(v.shape)}${v.rg}`).join(" "), "outs", p.outs, "\n  " + problems.join("\n  ")); }
  });
  console.log("bad", bad, "of", programs.length, kinds);
});
