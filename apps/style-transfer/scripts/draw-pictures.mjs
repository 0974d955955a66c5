// Draws the bundled pictures anew: `node scripts/draw-pictures.mjs`. They are ours, made of nothing but numbers.
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import sharp from "sharp";

const WIDTH = 512;
const HEIGHT = 384;

/** Numbers from 0 to 1 that are the same each time (Mulberry32). */
function randomOf(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const pick = (random, list) => list[Math.floor(random() * list.length)];

/** A ridge of hills as a closed path: waves of halving length. */
function ridge(random, height, rough, base = HEIGHT) {
  const waves = Array.from({ length: 6 }, (_, i) => [rough / 1.7 ** i, (1.3 * 1.9 ** i) / WIDTH, random() * 7]);
  let path = `M0 ${base}`;
  for (let x = 0; x <= WIDTH; x += 4) {
    path += `L${x} ${(height + waves.reduce((y, [a, f, p]) => y + a * Math.sin(6.28 * f * x + p), 0)).toFixed(1)}`;
  }
  return `${path}L${WIDTH} ${base}Z`;
}

function tree(x, y, size) {
  const layers = [0, 1, 2].map((i) => {
    const [half, top] = [size * (0.2 + 0.09 * i), y - size * (1 - 0.27 * i)];
    return `<path d="M${x - half} ${top + size * 0.42}L${x} ${top}L${x + half} ${top + size * 0.42}Z" fill="${["#2f6b3c", "#28603a", "#205233"][i]}"/>`;
  });
  return `<rect x="${x - size * 0.04}" y="${y - size * 0.1}" width="${size * 0.08}" height="${size * 0.16}" fill="#4a3524"/>${layers.reverse().join("")}`;
}

/** The content: a valley with a lake, a house and trees under an evening sky. */
function valley() {
  const random = randomOf(5);
  const trees = Array.from({ length: 13 }, () => [random() * WIDTH, 318 + random() * 55]).sort((a, b) => a[1] - b[1]);
  return `
<defs>
  <linearGradient id="sky" x2="0" y2="1"><stop offset="0" stop-color="#3d6ea8"/><stop offset=".55" stop-color="#e8b98a"/><stop offset=".7" stop-color="#f6dca6"/></linearGradient>
  <linearGradient id="lake" x2="0" y2="1"><stop offset="0" stop-color="#dcb68d"/><stop offset="1" stop-color="#41699a"/></linearGradient>
  <radialGradient id="sun"><stop offset="0" stop-color="#fff6d8"/><stop offset=".25" stop-color="#ffe7a3"/><stop offset="1" stop-color="#ffe7a3" stop-opacity="0"/></radialGradient>
</defs>
<rect width="${WIDTH}" height="${HEIGHT}" fill="url(#sky)"/>
<circle cx="360" cy="150" r="95" fill="url(#sun)"/>
<path d="${ridge(random, 165, 34)}" fill="#7f8fb3"/>
<path d="${ridge(random, 200, 24)}" fill="#5d739a"/>
<path d="${ridge(random, 232, 14)}" fill="#49678a"/>
<rect y="252" width="${WIDTH}" height="70" fill="url(#lake)"/>
${Array.from({ length: 26 }, (_, i) => `<rect x="${310 + (random() - 0.5) * (30 + 4 * i)}" y="${254 + 2.4 * i}" width="${14 + random() * 44}" height="1.4" fill="#fff0c4" opacity=".55"/>`).join("")}
<path d="${ridge(random, 308, 9)}" fill="#5f8a4c"/>
<path d="${ridge(random, 342, 8)}" fill="#4b7a41"/>
${trees.map(([x, y]) => tree(x, y, 34 + (y - 310) * 1.1)).join("")}
<path d="M118 300h70v44h-70Z" fill="#e9dcc3"/><path d="M108 302l45-34 45 34Z" fill="#a8402f"/>
<rect x="146" y="318" width="16" height="26" fill="#5b3b27"/><rect x="125" y="312" width="13" height="12" fill="#f7d774"/><rect x="169" y="312" width="13" height="12" fill="#f7d774"/>
<rect x="172" y="272" width="9" height="22" fill="#7b3527"/>`;
}

/** A style: thick strokes that follow a turning flow, blue with gold. */
function swirls() {
  const random = randomOf(11);
  const eyes = Array.from({ length: 9 }, () => [
    random() * WIDTH,
    random() * HEIGHT,
    40 + random() * 70,
    random() < 0.5 ? 1 : -1,
  ]);
  const flow = (x, y) => {
    let [u, v] = [0.9, 0.25 * Math.sin(x / 60)];
    for (const [ex, ey, r, turn] of eyes) {
      const [dx, dy] = [x - ex, y - ey];
      const pull = 3 * turn * Math.exp(-(dx * dx + dy * dy) / (r * r));
      u -= (pull * dy) / r;
      v += (pull * dx) / r;
    }
    const length = Math.hypot(u, v) || 1;
    return [u / length, v / length];
  };
  const colourAt = (x, y) => {
    const near = Math.min(...eyes.map(([ex, ey, r]) => Math.hypot(x - ex, y - ey) / r));
    if (near < 0.3) return pick(random, ["#fbe38a", "#f4c542", "#fff2b8", "#e9a23b"]);
    if (near < 0.55) return pick(random, ["#8fc1cf", "#f0d77a", "#5fa0c0", "#cfe3c9"]);
    return pick(random, ["#16315f", "#1f4a8a", "#2b66a8", "#0f2247", "#3f86b8", "#24578f", "#6fa9c4"]);
  };
  let strokes = "";
  for (let i = 0; i < 5200; i++) {
    let [x, y] = [random() * (WIDTH + 40) - 20, random() * (HEIGHT + 40) - 20];
    const colour = colourAt(x, y);
    let path = `M${x.toFixed(1)} ${y.toFixed(1)}`;
    for (let k = 0; k < 6; k++) {
      const [u, v] = flow(x, y);
      [x, y] = [x + 4.5 * u, y + 4.5 * v];
      path += `L${x.toFixed(1)} ${y.toFixed(1)}`;
    }
    strokes += `<path d="${path}" stroke="${colour}" stroke-width="${(2.2 + random() * 3).toFixed(1)}"/>`;
  }
  return `<rect width="${WIDTH}" height="${HEIGHT}" fill="#16315f"/><g fill="none" stroke-linecap="round" stroke-linejoin="round">${strokes}</g>`;
}

/** A style: shards of warm and cold colour between dark lines, each hatched its own way. */
function shards() {
  const random = randomOf(23);
  const colours = ["#c8452f", "#e58b3a", "#f0c869", "#3b6e8f", "#27506b", "#8fb3a5", "#efe3c8", "#7a2e3a", "#d9a9a0"];
  const [columns, rows] = [11, 8];
  const corner = Array.from({ length: (columns + 1) * (rows + 1) }, (_, i) => {
    const [c, r] = [i % (columns + 1), Math.floor(i / (columns + 1))];
    const inner = (k, n) => (k === 0 ? -6 : k === n ? 6 : (random() - 0.5) * 36);
    return [(c * WIDTH) / columns + inner(c, columns), (r * HEIGHT) / rows + inner(r, rows)];
  });
  let faces = "";
  const face = (...points) => {
    const d = `M${points.map(([x, y]) => `${x.toFixed(1)} ${y.toFixed(1)}`).join("L")}Z`;
    const [cx, cy] = [0, 1].map((k) => points.reduce((sum, p) => sum + p[k], 0) / 3);
    const angle = random() * 180;
    const id = `c${faces.length}`;
    const lines = Array.from({ length: 15 }, (_, i) => `M-60 ${(i - 7) * 5 + random() * 2}H60`).join("");
    faces += `<clipPath id="${id}"><path d="${d}"/></clipPath><path d="${d}" fill="${pick(random, colours)}"/>
<g clip-path="url(#${id})"><path d="${lines}" transform="translate(${cx.toFixed(1)} ${cy.toFixed(1)}) rotate(${angle.toFixed(0)})" stroke="${pick(random, ["#fff6e0", "#2a1c1c", "#f3d08a"])}" stroke-opacity=".35" stroke-width="1.6"/></g>
<path d="${d}" fill="none" stroke="#231a1a" stroke-width="3.2" stroke-linejoin="round"/>`;
  };
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) {
      const [a, b] = [r * (columns + 1) + c, (r + 1) * (columns + 1) + c].map((i) => [corner[i], corner[i + 1]]);
      if (random() < 0.5) {
        face(a[0], a[1], b[0]);
        face(a[1], b[1], b[0]);
      } else {
        face(a[0], a[1], b[1]);
        face(a[0], b[1], b[0]);
      }
    }
  }
  return faces;
}

for (const [name, draw] of Object.entries({ valley, swirls, shards })) {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}">${draw()}</svg>`;
  const jpeg = await sharp(Buffer.from(svg)).flatten().jpeg({ quality: 82, mozjpeg: true }).toBuffer();
  writeFileSync(fileURLToPath(new URL(`../pictures/${name}.jpg`, import.meta.url)), jpeg);
}
