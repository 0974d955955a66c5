// What the peers' programs share: `node PROGRAM … JOB` measures the rows of a job that it knows, and writes a line of JSON for each.

const now = () => performance.now() / 1000;

const median = (values) => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};

/**
 * Seconds a call takes, as the other contestants measure it; the call may return a promise, which is awaited. The first call, which may
 * compile, does not count; `first` hears what it took, for the case that time runs out.
 */
async function seconds(call, first, { repeat, repeats, warm, slow }) {
  const spell = async (count) => {
    const start = now();
    for (let i = 0; i < count; i++) {
      const result = call();
      if (result instanceof Promise) await result;
    }
    return now() - start;
  };
  first(await spell(1));
  let last = await spell(1);
  if (last > slow) return last;
  for (const start = now(); now() - start < warm; ) last = await spell(1);
  let count = 1;
  for (; last < repeat; last = await spell(count)) {
    count = Math.max(count + 1, Math.ceil(count * Math.min(10, (1.2 * repeat) / Math.max(last, 1e-9))));
  }
  const spells = [];
  for (let i = 0; i < repeats; i++) spells.push((await spell(count)) / count);
  return median(spells);
}

export const job = JSON.parse(process.argv.at(-1));

const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);

/**
 * Measures what is asked for. `rows` are by name what prepares a row (it returns the call), or a text that says why there is none.
 * Whoever watches counts the seconds from line to line.
 */
export async function measure(rows) {
  for (const row of job.rows) {
    const prepare = rows[row];
    if (typeof prepare === "string") say({ row, missing: prepare });
    if (typeof prepare !== "function") continue;
    try {
      const first = (measured) => say({ row, measured, first: true });
      say({ row, measured: await seconds(await prepare(), first, job.patience) });
    } catch (error) {
      say({
        row,
        missing: String(error.message ?? error)
          .split("\n")[0]
          .slice(0, 200),
      });
    }
  }
  process.exit();
}

/** Normally distributed numbers. */
export function normal(length) {
  return Float32Array.from(
    { length },
    () => Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random()),
  );
}

/** As PyTorch's linear layers are set up: evenly within ±1/√(inputs). */
export function uniform(length, inputs) {
  return Float32Array.from({ length }, () => (2 * Math.random() - 1) / Math.sqrt(inputs));
}

/** The names of the names model: classes, and letters as positions. */
export const names = Array.from({ length: 50 }, (_, n) => ({
  letters: Array.from({ length: 5 + (n % 6) }, (_, i) => (7 * n + 11 * i) % 52),
  language: n % 18,
}));

export const cells = { "names model, output of input and hidden": "input", "names model, output of hidden": "hidden" };

export const products = [256, 512, 1024];

/** Channels and size. */
export const convolutions = [
  [64, 128],
  [128, 64],
  [256, 32],
];
export const convolutionName = (channels, size) => `conv 3×3, ${channels} channels, ${size}², forward + gradients`;

/** VGG19: channels of the blocks, and the two networks. */
export const blocks = [[64, 64], [128, 128], Array(4).fill(256), Array(4).fill(512), Array(4).fill(512)];
export const networks = {
  "tutorial network": {
    style: ["conv1_1", "conv1_2", "conv2_1", "conv2_2", "conv3_1"],
    content: "conv2_2",
    last: "conv3_1",
  },
  "VGG19 to conv5_1": {
    style: ["conv1_1", "conv2_1", "conv3_1", "conv4_1", "conv5_1"],
    content: "conv4_2",
    last: "conv5_1",
  },
};

/** A network's layers in order: `{ pool: true }`, or a convolution's name, channels and what follows it. */
export function layers({ style, content, last }) {
  const list = [];
  let inputs = 3;
  for (const [b, block] of blocks.entries()) {
    if (b > 0) list.push({ pool: true });
    for (const [i, outputs] of block.entries()) {
      const name = `conv${b + 1}_${i + 1}`;
      list.push({ inputs, outputs, style: style.includes(name), content: name === content, last: name === last });
      inputs = outputs;
      if (name === last) return list;
    }
  }
  throw new Error(`no layer ${last}`);
}

export const mean = [0.485, 0.456, 0.406];
export const deviation = [0.229, 0.224, 0.225];
