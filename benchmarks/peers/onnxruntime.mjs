// onnxruntime-web on WebAssembly: it runs finished models, so it takes part where nothing is differentiated, with models of one operator.
// Operands are copied into its memory at every call and results out of it: it has no other way.
import * as ort from "onnxruntime-web";
import { job, measure, normal, products } from "./harness.mjs";

ort.env.wasm.numThreads = job.threads;
ort.env.logLevel = "error";

/** Fields of a protocol buffer: numbers, texts and messages by their tag. */
function message(...fields) {
  const bytes = [];
  const varint = (value) => {
    for (; value > 127; value = Math.floor(value / 128)) bytes.push((value % 128) | 128);
    bytes.push(value);
  };
  for (const [tag, value] of fields) {
    if (typeof value === "number") {
      varint(tag * 8);
      varint(value);
    } else {
      const content = typeof value === "string" ? [...new TextEncoder().encode(value)] : value;
      varint(tag * 8 + 2);
      varint(content.length);
      bytes.push(...content);
    }
  }
  return bytes;
}

/** A float32 tensor's name and shape, by ONNX's numbers of fields. */
function value(name, shape) {
  const dims = message(...shape.map((size) => [1, message([1, size])]));
  return message([1, name], [2, message([1, message([1, 1], [2, dims])])]);
}

/** A model of one operator. */
function model(operator, inputs, output) {
  const node = message(...inputs.map((_, i) => [1, `x${i}`]), [2, "y"], [4, operator]);
  const ends = [...inputs.map((shape, i) => [11, value(`x${i}`, shape)]), [12, value("y", output)]];
  const graph = message([1, node], [2, "one"], ...ends);
  return new Uint8Array(message([1, 8], [7, graph], [8, message([2, 20])]));
}

async function prepare(operator, inputs, output) {
  const session = await ort.InferenceSession.create(model(operator, inputs, output));
  const feeds = Object.fromEntries(
    inputs.map((shape, i) => [`x${i}`, new ort.Tensor("float32", normal(shape.reduce((a, b) => a * b, 1)), shape)]),
  );
  return () => session.run(feeds);
}

const rows = {};

for (const n of products) {
  const shape = [n, n];
  rows[`matmul ${n} × ${n}`] = () => prepare("MatMul", [shape, shape], shape);
}

const operators = {
  add: "Add",
  mul: "Mul",
  exp: "Exp",
  tanh: "Tanh",
  sigmoid: "Sigmoid",
  gelu: "Gelu",
  relu: "Relu",
  sum: "ReduceSum",
};
for (const [name, operator] of Object.entries(operators)) {
  for (const [size, title] of [
    [10_000, "10k"],
    [1_000_000, "1M"],
  ]) {
    const inputs = name === "add" || name === "mul" ? [[size], [size]] : [[size]];
    rows[`${name}, ${title}`] = () => prepare(operator, inputs, [name === "sum" ? 1 : size]);
  }
}
for (const name of ["add", "mul", "exp", "tanh"]) rows[`${name}, 1M in place`] = rows[`${name}, 1M`];
rows["softmax, 1000 × 1000"] = () => prepare("Softmax", [[1000, 1000]], [1000, 1000]);
rows["log-softmax, 1000 × 1000"] = () => prepare("LogSoftmax", [[1000, 1000]], [1000, 1000]);

await measure(rows);
