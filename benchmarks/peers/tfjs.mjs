// TensorFlow.js, on its WebAssembly or its plain JavaScript backend.

import { createRequire } from "node:module";
import { dirname } from "node:path";
import * as tf from "@tensorflow/tfjs";
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import {
  cells,
  convolutionName,
  convolutions,
  deviation,
  layers,
  mean,
  measure,
  names,
  networks,
  normal,
  products,
  uniform,
} from "./harness.mjs";

const backend = process.argv[2];
const main = createRequire(import.meta.url).resolve("@tensorflow/tfjs-backend-wasm");
setWasmPaths(`${dirname(main)}/`);
await tf.setBackend(backend);
await tf.ready();

const random = (...shape) => tf.tensor(normal(shape.reduce((a, b) => a * b, 1)), shape);
const weights = (inputs, outputs) => tf.variable(tf.tensor(uniform(inputs * outputs, inputs), [inputs, outputs]));
const biases = (inputs, outputs) => tf.variable(tf.tensor(uniform(outputs, inputs), [outputs]));

/** A call whose tensors are freed at its end. */
const tidy = (call) => () => void tf.tidy(() => void call());

const rows = {};

const steps = { add: (y, b) => tf.add(y, b), mul: (y, b) => tf.mul(y, b), tanh: (y) => tf.tanh(y) };
for (const [name, step] of Object.entries(steps)) {
  rows[`${name}, 10 elements`] = () => {
    const [a, b] = [random(10), random(10)];
    const gradients = name === "tanh" ? tf.grad((x) => step(x)) : tf.grads((x, y) => step(x, y));
    return tidy(() => gradients(name === "tanh" ? a : [a, b]));
  };
  rows[`chain of 1,000 ${name}, forward + backward`] = () => {
    const [a, b] = [random(10), random(10)];
    const chain = (x, y) => {
      let z = x;
      for (let i = 0; i < 1000; i++) z = step(z, y);
      return tf.sum(z);
    };
    const gradients = name === "tanh" ? tf.grad((x) => chain(x)) : tf.grads(chain);
    return tidy(() => gradients(name === "tanh" ? a : [a, b]));
  };
}

for (const [name, cell] of Object.entries(cells)) {
  rows[name] = () => {
    const [letters, hidden, languages] = [57, 128, 18];
    const toHidden = weights(letters + hidden, hidden);
    const hiddenBias = biases(letters + hidden, hidden);
    const width = cell === "input" ? letters + hidden : hidden;
    const toOutput = weights(width, languages);
    const outputBias = biases(width, languages);
    const optimizer = tf.train.sgd(0.005);
    const lines = names.map((name) => ({
      letters: name.letters.map((letter) => tf.oneHot(tf.tensor1d([letter], "int32"), letters).toFloat()),
      language: tf.oneHot(tf.tensor1d([name.language], "int32"), languages).toFloat(),
    }));
    const start = tf.zeros([1, hidden]);
    const loss = (line) => {
      let [h, output] = [start, null];
      for (const x of line.letters) {
        const both = tf.concat([x, h], 1);
        h = tf.add(tf.matMul(both, toHidden), hiddenBias);
        output = tf.logSoftmax(tf.add(tf.matMul(cell === "input" ? both : h, toOutput), outputBias));
      }
      return tf.neg(tf.sum(tf.mul(output, line.language)));
    };
    return tidy(() => {
      for (const line of lines) tf.tidy(() => optimizer.minimize(() => loss(line), true).dataSync()[0]);
    });
  };
}

for (const n of products) {
  rows[`matmul ${n} × ${n}`] = () => {
    const [a, b] = [random(n, n), random(n, n)];
    return tidy(() => tf.matMul(a, b));
  };
}

for (const [channels, size] of convolutions) {
  rows[convolutionName(channels, size)] =
    backend === "wasm"
      ? "no gradient of filters"
      : () => {
          const [x, w, b] = [random(1, size, size, channels), random(3, 3, channels, channels), random(channels)];
          const gradient = random(1, size, size, channels);
          const gradients = tf.grads((x, w, b) => tf.add(tf.conv2d(x, w, 1, "same"), b));
          return tidy(() => gradients([x, w, b], gradient));
        };
}

const gelu = (x) => tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1));
const pointwise = { ...steps, exp: tf.exp, sigmoid: tf.sigmoid, gelu, relu: tf.relu, sum: (x) => tf.sum(x) };
for (const [name, call] of Object.entries(pointwise)) {
  for (const [size, title] of [
    [10_000, "10k"],
    [1_000_000, "1M"],
  ]) {
    const prepare = () => {
      const [a, b] = [random(size), random(size)];
      return tidy(() => call(a, b));
    };
    rows[`${name}, ${title}`] = prepare;
    if (size === 1_000_000) rows[`${name}, 1M in place`] = prepare;
  }
}
for (const [name, call] of Object.entries({ softmax: tf.softmax, "log-softmax": tf.logSoftmax })) {
  rows[`${name}, 1000 × 1000`] = () => {
    const x = random(1000, 1000);
    return tidy(() => call(x));
  };
}

const linear = (x, w, b) => tf.add(tf.matMul(x, w), b);

/** A training step with Adam. */
function training(forward, variables, x) {
  const y = tf.oneHot(
    tf.tensor1d(
      Array.from({ length: 64 }, (_, i) => i % 10),
      "int32",
    ),
    10,
  );
  const optimizer = tf.train.adam(1e-3);
  const loss = () => tf.losses.softmaxCrossEntropy(y, forward(x, ...variables));
  return tidy(() => optimizer.minimize(loss, true, variables).dataSync());
}

rows["MLP 784-512-256-10"] = () => {
  const sizes = [784, 512, 256, 10];
  const variables = [0, 1, 2].flatMap((i) => [weights(sizes[i], sizes[i + 1]), biases(sizes[i], sizes[i + 1])]);
  const forward = (x, w1, b1, w2, b2, w3, b3) => linear(tf.relu(linear(tf.relu(linear(x, w1, b1)), w2, b2)), w3, b3);
  return training(forward, variables, random(64, 784));
};

rows["LeNet-5"] =
  backend === "wasm"
    ? "no gradient of filters"
    : () => {
        const filters = (size, inputs, outputs) =>
          tf.variable(
            tf.tensor(uniform(size * size * inputs * outputs, size * size * inputs), [size, size, inputs, outputs]),
          );
        const variables = [
          filters(5, 1, 6),
          biases(25, 6),
          filters(5, 6, 16),
          biases(150, 16),
          ...[400, 120, 84].flatMap((size, i) => [weights(size, [120, 84, 10][i]), biases(size, [120, 84, 10][i])]),
        ];
        const forward = (x, f1, c1, f2, c2, w1, b1, w2, b2, w3, b3) => {
          const one = tf.maxPool(tf.relu(tf.add(tf.conv2d(x, f1, 1, "same"), c1)), 2, 2, "valid");
          const two = tf.maxPool(tf.relu(tf.add(tf.conv2d(one, f2, 1, "valid"), c2)), 2, 2, "valid");
          const flat = tf.reshape(two, [64, 400]);
          return linear(tf.relu(linear(tf.relu(linear(flat, w1, b1)), w2, b2)), w3, b3);
        };
        return training(forward, variables, random(64, 28, 28, 1));
      };

function layerNorm(x, weight, bias) {
  const centred = tf.sub(x, tf.mean(x, -1, true));
  const variance = tf.mean(tf.square(centred), -1, true);
  return tf.add(tf.mul(tf.mul(centred, tf.rsqrt(tf.add(variance, 1e-5))), weight), bias);
}

function transformer(rate) {
  const [batch, time, size, heads, wide] = [16, 64, 128, 4, 512];
  const variables = [
    [weights(size, 3 * size), biases(size, 3 * size), weights(size, size), biases(size, size)],
    [weights(size, wide), biases(size, wide), weights(wide, size), biases(wide, size)],
    [tf.variable(tf.ones([size])), tf.variable(tf.zeros([size]))],
    [tf.variable(tf.ones([size])), tf.variable(tf.zeros([size]))],
  ].flat();
  const drop = (x) => (rate > 0 ? tf.dropout(x, rate) : x);
  const forward = (x, wi, bi, wo, bo, w1, b1, w2, b2, n1, m1, n2, m2) => {
    const flat = tf.reshape(x, [batch * time, size]);
    const split = (y) => tf.transpose(tf.reshape(y, [batch, time, heads, size / heads]), [0, 2, 1, 3]);
    const [q, k, v] = tf.split(linear(flat, wi, bi), 3, 1).map(split);
    const scores = tf.mul(tf.matMul(q, k, false, true), 1 / Math.sqrt(size / heads));
    const mixed = tf.transpose(tf.matMul(drop(tf.softmax(scores)), v), [0, 2, 1, 3]);
    const attended = linear(tf.reshape(mixed, [batch * time, size]), wo, bo);
    const one = layerNorm(tf.add(flat, drop(attended)), n1, m1);
    const fed = linear(drop(tf.relu(linear(one, w1, b1))), w2, b2);
    return layerNorm(tf.add(one, drop(fed)), n2, m2);
  };
  const [x, gradient] = [random(batch, time, size), random(batch * time, size)];
  const gradients = tf.grads((...args) => forward(x, ...args));
  return tidy(() => gradients(variables, gradient));
}
rows["transformer layer"] = () => transformer(0);
rows["transformer layer, dropout 0.1"] = () => transformer(0.1);

function gram(x) {
  const [, h, w, c] = x.shape;
  const features = tf.reshape(x, [h * w, c]);
  return tf.div(tf.matMul(features, features, true, false), h * w * c);
}

const meanSquare = (a, b) => tf.mean(tf.squaredDifference(a, b));

function transfer(network, size) {
  const list = layers(network).map((layer) => {
    if (layer.pool) return layer;
    const { inputs, outputs } = layer;
    const deviation = Math.sqrt(2 / (9 * inputs));
    return { ...layer, w: tf.mul(random(3, 3, inputs, outputs), deviation), b: tf.zeros([outputs]) };
  });
  const [content, style] = [tf.randomUniform([1, size, size, 3]), tf.randomUniform([1, size, size, 3])];
  const run = (image, see) => {
    let x = tf.div(tf.sub(image, mean), deviation);
    for (const [i, layer] of list.entries()) {
      if (layer.pool) x = tf.maxPool(x, 2, 2, "valid");
      else {
        x = tf.add(tf.conv2d(x, layer.w, 1, "same"), layer.b);
        see(layer, i, x);
        if (!layer.last) x = tf.relu(x);
      }
    }
  };
  const targets = {};
  tf.tidy(() => {
    run(content, (layer, i, x) => layer.content && (targets[`content ${i}`] = tf.keep(x)));
    run(style, (layer, i, x) => layer.style && (targets[`style ${i}`] = tf.keep(gram(x))));
  });
  const image = tf.variable(content);
  const evaluate = tf.valueAndGrad((image) => {
    const losses = [];
    run(image, (layer, i, x) => {
      if (layer.content) losses.push(meanSquare(x, targets[`content ${i}`]));
      if (layer.style) losses.push(tf.mul(meanSquare(gram(x), targets[`style ${i}`]), 1e6));
    });
    return tf.addN(losses);
  });
  return tidy(() => {
    image.assign(tf.clipByValue(image, 0, 1));
    evaluate(image);
  });
}
for (const [name, network] of Object.entries(networks)) {
  for (const size of [128, 256]) rows[`style transfer, ${name}, ${size}`] = () => transfer(network, size);
}

await measure(rows);
