// jax-js on WebAssembly: compiled by jit, except small operations and their chains, of which nothing would be left.
import {
  blockUntilReady,
  defaultDevice,
  grad,
  init,
  jit,
  random as keys,
  lax,
  nn,
  numpy as np,
  valueAndGrad,
} from "@jax-js/jax";
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

await init("wasm");
defaultDevice("wasm");

const array = (data, ...shape) => np.array(data, { dtype: np.float32 }).reshape(shape);
const random = (...shape) => array(normal(shape.reduce((a, b) => a * b, 1)), ...shape);
const spread = (inputs, ...shape) =>
  array(
    uniform(
      shape.reduce((a, b) => a * b, 1),
      inputs,
    ),
    ...shape,
  );

// arrays are handed over: whoever is to use one again passes its `ref`
const refs = (list) => list.map((x) => x.ref);
const free = async (result) => {
  for (const x of [result].flat(2)) {
    await blockUntilReady(x);
    x.dispose();
  }
};

const rows = {};

const steps = { add: (y, b) => y.add(b), mul: (y, b) => y.mul(b), tanh: (y) => np.tanh(y) };
for (const [name, step] of Object.entries(steps)) {
  rows[`${name}, 10 elements`] = () => {
    const [a, b] = [random(10), random(10)];
    const gradients =
      name === "tanh" ? grad((x) => np.sum(step(x))) : grad((x, y) => np.sum(step(x, y)), { argnums: [0, 1] });
    return () => free(name === "tanh" ? gradients(a.ref) : gradients(a.ref, b.ref));
  };
  rows[`chain of 1,000 ${name}, forward + backward`] = () => {
    const [a, b] = [random(10), random(10)];
    const chain = (x, y) => {
      let z = x;
      for (let i = 0; i < 1000; i++) z = name === "tanh" ? step(z) : step(z, y.ref);
      if (name !== "tanh") y.dispose();
      return np.sum(z);
    };
    const gradients = name === "tanh" ? grad((x) => chain(x)) : grad(chain, { argnums: [0, 1] });
    return () => free(name === "tanh" ? gradients(a.ref) : gradients(a.ref, b.ref));
  };
}

const linear = (x, w, b) => np.matmul(x, w).add(b);

for (const [name, cell] of Object.entries(cells)) {
  rows[name] = () => {
    const [letters, hidden, languages] = [57, 128, 18];
    const width = cell === "input" ? letters + hidden : hidden;
    let parameters = [
      spread(letters + hidden, letters + hidden, hidden),
      spread(letters + hidden, hidden),
      spread(width, width, languages),
      spread(width, languages),
    ];
    const loss = (parameters, language, ...xs) => {
      const [toHidden, hiddenBias, toOutput, outputBias] = parameters;
      let h = np.zeros([1, hidden]);
      let output;
      for (const x of xs) {
        output?.dispose();
        const both = np.concatenate([x, h], 1);
        h = linear(both.ref, toHidden.ref, hiddenBias.ref);
        if (cell === "hidden") both.dispose();
        const from = cell === "input" ? both : h.ref;
        output = nn.logSoftmax(linear(from, toOutput.ref, outputBias.ref));
      }
      h.dispose();
      for (const p of parameters) p.dispose();
      return np.sum(output.mul(language)).neg();
    };
    const step = jit((parameters, language, ...xs) => {
      const [value, gradients] = valueAndGrad(loss)(refs(parameters), language, ...xs);
      return [value, parameters.map((p, i) => p.sub(gradients[i].mul(0.005)))];
    });
    const oneHot = (size, i) =>
      array(
        Float32Array.from({ length: size }, (_, j) => Number(i === j)),
        1,
        size,
      );
    const lines = names.map((name) => ({
      letters: name.letters.map((letter) => oneHot(letters, letter)),
      language: oneHot(languages, name.language),
    }));
    return async () => {
      for (const line of lines) {
        const [value, next] = step(parameters, line.language.ref, ...refs(line.letters));
        parameters = next;
        await value.data();
      }
    };
  };
}

for (const n of products) {
  rows[`matmul ${n} × ${n}`] = () => {
    const [a, b] = [random(n, n), random(n, n)];
    const product = jit((a, b) => np.matmul(a, b));
    return () => free(product(a.ref, b.ref));
  };
}

const convolve = (x, w, b, padding) => lax.convGeneralDilated(x, w, [1, 1], padding).add(b);

for (const [channels, size] of convolutions) {
  rows[convolutionName(channels, size)] = () => {
    const [x, w, b] = [random(1, channels, size, size), random(channels, channels, 3, 3), random(channels, 1, 1)];
    const gradient = random(1, channels, size, size);
    const loss = (x, w, b, g) => np.sum(convolve(x, w, b, "SAME").mul(g));
    const gradients = jit(valueAndGrad(loss, { argnums: [0, 1, 2] }));
    return () => free(gradients(x.ref, w.ref, b.ref, gradient.ref));
  };
}

const gelu = (x) => nn.gelu(x, { approximate: false });
const unary = { exp: np.exp, tanh: np.tanh, sigmoid: nn.sigmoid, gelu, relu: nn.relu, sum: (x) => np.sum(x) };
const binary = { add: (a, b) => a.add(b), mul: (a, b) => a.mul(b) };
for (const [size, title] of [
  [10_000, "10k"],
  [1_000_000, "1M"],
]) {
  for (const [name, call] of Object.entries(unary)) {
    rows[`${name}, ${title}`] = () => {
      const a = random(size);
      const compiled = jit(call);
      return () => free(compiled(a.ref));
    };
  }
  for (const [name, call] of Object.entries(binary)) {
    rows[`${name}, ${title}`] = () => {
      const [a, b] = [random(size), random(size)];
      const compiled = jit(call);
      return () => free(compiled(a.ref, b.ref));
    };
  }
}
for (const name of ["add", "mul", "exp", "tanh"]) rows[`${name}, 1M in place`] = rows[`${name}, 1M`];
for (const [name, call] of Object.entries({ softmax: nn.softmax, "log-softmax": nn.logSoftmax })) {
  rows[`${name}, 1000 × 1000`] = () => {
    const x = random(1000, 1000);
    const compiled = jit((x) => call(x, -1));
    return () => free(compiled(x.ref));
  };
}

/** A training step with Adam. */
function training(forward, weights, x) {
  let parameters = weights;
  let first = weights.map((w) => np.zeros(w.shape));
  let second = weights.map((w) => np.zeros(w.shape));
  let t = 0;
  const y = array(
    Float32Array.from({ length: 640 }, (_, i) => Number(i % 10 === Math.floor(i / 10) % 10)),
    64,
    10,
  );
  const loss = (parameters, x, y) => np.sum(nn.logSoftmax(forward(x, parameters), -1).mul(y)).mul(-1 / 64);
  const step = jit((parameters, first, second, rates, x, y) => {
    const [value, gradients] = valueAndGrad(loss)(refs(parameters), x, y);
    const one = first.map((m, i) => m.mul(0.9).add(gradients[i].ref.mul(0.1)));
    const two = second.map((v, i) => v.mul(0.999).add(np.square(gradients[i]).mul(0.001)));
    const [rate, root] = [rates.ref.slice(0), rates.slice(1)];
    const next = parameters.map((p, i) => {
      const size = np.sqrt(two[i].ref).mul(root.ref).add(1e-8);
      return p.sub(one[i].ref.mul(rate.ref).div(size));
    });
    rate.dispose();
    root.dispose();
    return [value, next, one, two];
  });
  return async () => {
    t++;
    const rates = np.array([1e-3 / (1 - 0.9 ** t), 1 / Math.sqrt(1 - 0.999 ** t)]);
    const [value, next, one, two] = step(parameters, first, second, rates, x.ref, y.ref);
    [parameters, first, second] = [next, one, two];
    await value.data();
    await blockUntilReady(next.at(-1));
  };
}

const layer = (inputs, outputs) => [spread(inputs, inputs, outputs), spread(inputs, outputs)];

rows["MLP 784-512-256-10"] = () => {
  const forward = (x, [w1, b1, w2, b2, w3, b3]) => linear(nn.relu(linear(nn.relu(linear(x, w1, b1)), w2, b2)), w3, b3);
  return training(forward, [...layer(784, 512), ...layer(512, 256), ...layer(256, 10)], random(64, 784));
};

const pool = (x) => {
  const [n, c, h, w] = x.shape;
  return np.max(x.reshape([n, c, h / 2, 2, w / 2, 2]), [3, 5]);
};

rows["LeNet-5"] = () => {
  const weights = [
    spread(25, 6, 1, 5, 5),
    spread(25, 6, 1, 1),
    spread(150, 16, 6, 5, 5),
    spread(150, 16, 1, 1),
    ...layer(400, 120),
    ...layer(120, 84),
    ...layer(84, 10),
  ];
  const forward = (x, [f1, c1, f2, c2, w1, b1, w2, b2, w3, b3]) => {
    const one = pool(nn.relu(convolve(x, f1, c1, "SAME")));
    const two = pool(nn.relu(convolve(one, f2, c2, "VALID")));
    const flat = two.reshape([64, 400]);
    return linear(nn.relu(linear(nn.relu(linear(flat, w1, b1)), w2, b2)), w3, b3);
  };
  return training(forward, weights, random(64, 1, 28, 28));
};

function layerNorm(x, weight, bias) {
  const centred = x.ref.sub(np.mean(x, -1, { keepdims: true }));
  const variance = np.mean(np.square(centred.ref), -1, { keepdims: true });
  return centred
    .div(np.sqrt(variance.add(1e-5)))
    .mul(weight)
    .add(bias);
}

function transformer(rate) {
  const [batch, time, size, heads, wide] = [16, 64, 128, 4, 512];
  const parameters = [
    ...layer(size, 3 * size),
    ...layer(size, size),
    ...layer(size, wide),
    ...layer(wide, size),
    ...[np.ones([size]), np.zeros([size]), np.ones([size]), np.zeros([size])],
  ];
  let key = keys.key(0);
  const forward = ([wi, bi, wo, bo, w1, b1, w2, b2, n1, m1, n2, m2], x, drops) => {
    let site = 0;
    const drop = (y) => {
      if (rate === 0) return y;
      const kept = keys.bernoulli(drops[site++], 1 - rate, y.shape);
      return np.where(kept, y.mul(1 / (1 - rate)), 0);
    };
    const flat = x.reshape([batch * time, size]);
    const split = (y) => np.transpose(y.reshape([batch, time, heads, size / heads]), [0, 2, 1, 3]);
    const [q, k, v] = np.split(linear(flat.ref, wi, bi), 3, 1).map(split);
    const scores = np.matmul(q, np.transpose(k, [0, 1, 3, 2])).mul(1 / Math.sqrt(size / heads));
    const mixed = np.transpose(np.matmul(drop(nn.softmax(scores, -1)), v), [0, 2, 1, 3]);
    const attended = linear(mixed.reshape([batch * time, size]), wo, bo);
    const one = layerNorm(flat.add(drop(attended)), n1, m1);
    const fed = linear(drop(nn.relu(linear(one.ref, w1, b1))), w2, b2);
    return layerNorm(one.add(drop(fed)), n2, m2);
  };
  const [x, gradient] = [random(batch, time, size), random(batch * time, size)];
  const loss = (parameters, x, g, drops) => np.sum(forward(parameters, x, drops).mul(g));
  const gradients = jit(grad(loss));
  return () => {
    let drops = [];
    if (rate > 0) [key, ...drops] = [...keys.split(key, 5)];
    return free(gradients(refs(parameters), x.ref, gradient.ref, drops));
  };
}
rows["transformer layer"] = () => transformer(0);
rows["transformer layer, dropout 0.1"] = () => transformer(0.1);

function gram(x) {
  const [, c, h, w] = x.shape;
  const features = x.reshape([c, h * w]);
  return np.matmul(features.ref, np.transpose(features)).mul(1 / (c * h * w));
}

const meanSquare = (a, b) => np.mean(np.square(a.sub(b)));

function transfer(network, size) {
  const list = layers(network).map((layer) => {
    if (layer.pool) return layer;
    const { inputs, outputs } = layer;
    const w = random(outputs, inputs, 3, 3).mul(Math.sqrt(2 / (9 * inputs)));
    return { ...layer, w, b: np.zeros([outputs, 1, 1]) };
  });
  const picture = () => array(Float32Array.from({ length: 3 * size * size }, Math.random), 1, 3, size, size);
  const [content, style] = [picture(), picture()];
  const centre = array(new Float32Array(mean), 3, 1, 1);
  const scale = array(new Float32Array(deviation), 3, 1, 1);
  const run = (image, weights, see) => {
    let x = image.sub(centre.ref).div(scale.ref);
    let i = 0;
    for (const layer of list) {
      if (layer.pool) x = pool(x);
      else {
        x = convolve(x, weights[2 * i], weights[2 * i + 1], "SAME");
        i++;
        see(layer, x);
        if (!layer.last) x = nn.relu(x);
      }
    }
    x.dispose();
  };
  const weights = list.filter((layer) => !layer.pool).flatMap(({ w, b }) => [w, b]);
  const targets = [];
  run(content.ref, refs(weights), (layer, x) => layer.content && targets.push(x.ref));
  run(style, refs(weights), (layer, x) => layer.style && targets.push(gram(x.ref)));
  const loss = (image, weights, targets) => {
    const [content, ...styles] = targets;
    const losses = [];
    run(image, weights, (layer, x) => {
      if (layer.content) losses.push(meanSquare(x.ref, content));
      if (layer.style) losses.push(meanSquare(gram(x.ref), styles.shift()).mul(1e6));
    });
    return losses.reduce((a, b) => a.add(b));
  };
  const evaluate = jit((image, weights, targets) => valueAndGrad(loss)(np.clip(image, 0, 1), weights, targets));
  return () => free(evaluate(content.ref, refs(weights), refs(targets)));
}
for (const [name, network] of Object.entries(networks)) {
  for (const size of [128, 256]) rows[`style transfer, ${name}, ${size}`] = () => transfer(network, size);
}

await measure(rows);
