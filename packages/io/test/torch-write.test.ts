import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { arange, type DType, full, ones, type Tensor, tensor, zeros } from "@kindling/autograd";
import { afterAll, describe, expect, it } from "vitest";
import { load, save, serializeNpy, serializeNpz, serializeTorch } from "../src/index.js";
import { joined, zipped } from "../src/zip/write.js";

const dtypes: DType[] = [
  "float32",
  "float64",
  "float16",
  "bfloat16",
  "int64",
  "int32",
  "int16",
  "int8",
  "uint8",
  "bool",
];
const allDTypes = (): Record<string, Tensor> =>
  Object.fromEntries(dtypes.map((dtype) => [dtype, tensor([0, 1, 2, 100]).to(dtype)]));

const folder = mkdtempSync(join(tmpdir(), "io-torch-"));
const at = (name: string): string => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true }));

describe("what is written is read again", () => {
  it("values of every kind", async () => {
    const value = {
      null: null,
      yes: true,
      no: false,
      small: 5,
      word: 65_536,
      negative: -3,
      large: 2 ** 52,
      huge: 2n ** 200n,
      minus: -(2n ** 63n),
      float: 0.1,
      zero: -0,
      nan: Number.NaN,
      infinite: Number.NEGATIVE_INFINITY,
      text: "\u00e9\u{1f600}\n",
      list: [1, [2, []]],
      map: new Map<unknown, unknown>([
        [0, { step: 1 }],
        [1, null],
      ]),
      set: new Set(["a", 1]),
      ["__proto__"]: {},
    };
    const read = await load<typeof value>(serializeTorch(value));
    expect(read).toEqual(Object.assign(Object.create(null), value, { map: read.map }));
    expect([...read.map]).toEqual([
      [0, Object.assign(Object.create(null), { step: 1 })],
      [1, null],
    ]);
  });

  it("tensors of every dtype, and typed arrays as tensors", async () => {
    const read = await load(
      serializeTorch({ ...allDTypes(), bytes: Uint8Array.of(1, 2), doubles: Float64Array.of(0.5) }),
    );
    for (const dtype of dtypes) {
      expect(read[dtype].dtype).toBe(dtype);
      expect(read[dtype].tolist()).toEqual(allDTypes()[dtype].tolist());
    }
    expect([read.bytes.dtype, read.bytes.tolist()]).toEqual(["uint8", [1, 2]]);
    expect([read.doubles.dtype, read.doubles.tolist()]).toEqual(["float64", [0.5]]);
  });

  it("shared memory, strides and offsets, shared objects and cycles", async () => {
    const whole = arange(12, { dtype: "float32" }).reshape(3, 4).detach();
    const list: unknown[] = [1];
    list.push(list);
    const shared = { a: 1 };
    const file = serializeTorch({
      whole,
      turned: whole.t(),
      again: whole,
      row: whole.select(0, 1),
      list,
      x: shared,
      y: shared,
    });
    expect(file.length).toBeLessThan(3000);
    const read = await load(file);
    expect(read.again).toBe(read.whole);
    expect(read.turned.strides).toEqual([1, 4]);
    expect(read.row.offset).toBe(4);
    expect(read.turned.storage).toBe(read.whole.storage);
    expect((read.list as unknown as unknown[])[1]).toBe(read.list);
    expect(read.x).toBe(read.y);
  });

  it("requiresGrad, scalars and empty tensors", async () => {
    const { w, s, e } = await load(serializeTorch({ w: ones(2).requiresGrad_(), s: tensor(2.5), e: zeros(0, 3) }));
    expect([w.requiresGrad, s.requiresGrad, s.item(), e.shape]).toEqual([true, false, 2.5, [0, 3]]);
  });

  it("refuses what PyTorch has no place for, and says where", () => {
    class Own {}
    expect(() => serializeTorch({ a: [new Own()] })).toThrow('["a"][0] is of kind Own');
    expect(() => serializeTorch({ a: () => 1 })).toThrow('["a"] is of kind function');
    expect(() => serializeTorch(new Map([[{}, 1]]))).toThrow("a key of the value is of kind object");
    expect(() => serializeTorch("\ud800")).toThrow("half of a character");
    let deep: unknown = 1;
    for (let i = 0; i < 2000; i++) deep = [deep];
    expect(() => serializeTorch(deep)).toThrow("nested more than 1000 deep");
  });

  it("by the extension of the name", async () => {
    await save({ a: ones(2), epoch: 3 }, at("a.pt"));
    expect((await load<{ epoch: number }>(at("a.pt"))).epoch).toBe(3);
    await expect(save({}, at("a.pth"), { metadata: {} })).rejects.toThrow(
      "metadata goes into .safetensors files alone",
    );
    await save(ones(2), at("a.npy"));
    expect((await load<Tensor>(at("a.npy"))).tolist()).toEqual([1, 1]);
    await save({ a: ones(2) }, at("a.npz"));
    expect((await load(at("a.npz"))).a.tolist()).toEqual([1, 1]);
    await expect(save({ a: ones(2), n: 3 }, at("a.npz"))).rejects.toThrow(
      '.npz holds tensors only, but "n" is a number',
    );
    await expect(save({ a: ones(2) }, at("a.npy"))).rejects.toThrow("an .npy file holds one tensor");
    await expect(save(ones(2).to("bfloat16"), at("a.npy"))).rejects.toThrow("NumPy has no bfloat16");
  });
});

const python = ["python3", "/usr/bin/python3"].find(
  (command) => spawnSync(command, ["-c", "import torch, numpy"]).status === 0,
);
if (python === undefined) console.warn("skipped: no python3 with PyTorch and NumPy to read what is written");

describe.skipIf(python === undefined)("PyTorch and NumPy read what is written", () => {
  const run = (program: string): unknown =>
    JSON.parse(
      execFileSync(python as string, ["-c", `import json, sys, torch, numpy as np\n${program}`], {
        cwd: folder,
        encoding: "utf8",
      }),
    );

  it("torch.load", () => {
    const whole = arange(12, { dtype: "float32" }).reshape(3, 4).detach();
    const value = {
      ...allDTypes(),
      whole,
      turned: whole.t(),
      row: whole.select(0, 1),
      leaf: full([2], 0.5).requiresGrad_(),
      scalar: tensor(2.5),
      empty: zeros(0, 3),
      optimizer: {
        state: new Map([[0, { step: tensor(1) }]]),
        param_groups: [{ lr: 0.1, betas: [0.9, 0.999], params: [0] }],
      },
      epoch: 3,
      large: 2 ** 52,
      huge: 2n ** 100n,
      set: new Set([1, 2]),
      text: "\u00e9",
      none: null,
    };
    writeFileSync(at("written.pt"), serializeTorch(value));
    const read = run(`
x = torch.load("written.pt")
x["whole"][1, 2] = 50
print(json.dumps({
  "dtypes": {d: [str(x[d].dtype), x[d].double().tolist()] for d in ${JSON.stringify(dtypes)}},
  "views": [x["turned"][2, 1].item(), x["row"][2].item(), x["turned"].stride(), x["row"].storage_offset()],
  "leaf": [x["leaf"].requires_grad, x["leaf"].is_leaf, x["scalar"].item(), list(x["empty"].shape)],
  "state": [x["optimizer"]["state"][0]["step"].item(), x["optimizer"]["param_groups"]],
  "others": [x["epoch"], x["large"], str(x["huge"]), sorted(x["set"]), x["text"], x["none"]],
}))`);
    expect(read).toEqual({
      dtypes: Object.fromEntries(dtypes.map((d) => [d, [`torch.${d}`, d === "bool" ? [0, 1, 1, 1] : [0, 1, 2, 100]]])),
      views: [50, 50, [1, 4], 4],
      leaf: [true, true, 2.5, [0, 3]],
      state: [1, value.optimizer.param_groups],
      others: [3, 2 ** 52, String(2n ** 100n), [1, 2], "\u00e9", null],
    });
  }, 60_000); // Python takes its time to start

  it("numpy.load", () => {
    const tensors: Record<string, Tensor> = allDTypes();
    delete tensors.bfloat16;
    const f = arange(6, { dtype: "float32" }).reshape(2, 3).t();
    writeFileSync(at("written.npz"), serializeNpz({ ...tensors, f, scalar: tensor(2.5), empty: zeros(0, 3) }));
    writeFileSync(at("written.npy"), serializeNpy(f));
    const read = run(`
x = np.load("written.npz")
y = np.load("written.npy")
print(json.dumps([{k: [str(v.dtype), v.flags["F_CONTIGUOUS"], v.astype("f8").tolist()] for k, v in x.items()}, y.tolist(), y.flags["F_CONTIGUOUS"]]))`);
    const one = (d: string): unknown => [d, true, d === "bool" ? [0, 1, 1, 1] : [0, 1, 2, 100]];
    const turned = [
      [0, 3],
      [1, 4],
      [2, 5],
    ];
    expect(read).toEqual([
      {
        ...Object.fromEntries(Object.keys(tensors).map((d) => [d, one(d)])),
        f: ["float32", true, turned],
        scalar: ["float32", true, 2.5],
        empty: ["float32", true, []],
      },
      turned,
      true,
    ]);
  }, 60_000); // Python takes its time to start

  it("archives beyond 4 GB have zip64 fields, which other programs read", () => {
    const files = ["a", "b", "\u00e9"].map((name, i) => ({ name, content: new Uint8Array(100 * i + 7).fill(i) }));
    writeFileSync(at("wide.zip"), joined(zipped(files, 64, 100)));
    const read = run(`
import zipfile
z = zipfile.ZipFile("wide.zip")
print(json.dumps([z.testzip(), {i.filename: [i.file_size, z.read(i)[0]] for i in z.infolist()}]))`);
    expect(read).toEqual([null, { a: [7, 0], b: [107, 1], "\u00e9": [207, 2] }]);
  }, 60_000); // Python takes its time to start

  it("byte for byte the same at every writing", () => {
    const bytes = serializeTorch({ a: ones(3) });
    expect(serializeTorch({ a: ones(3) })).toEqual(bytes);
    writeFileSync(at("again.pt"), bytes);
    expect(readFileSync(at("again.pt")).equals(bytes)).toBe(true);
  });
});
