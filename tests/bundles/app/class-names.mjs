// Prints the exported classes of the packages that do not bear the name they are exported under.
const packages = ["storage", "autograd", "nn", "optim", "gradcheck", "data", "io", "backend-cpu"];

function* classesIn(namespace, path) {
  for (const [name, value] of Object.entries(namespace)) {
    if (typeof value === "function" && /^class\b/.test(String(value))) yield [path, name, value];
    else if (value?.[Symbol.toStringTag] === "Module" || value?.constructor === Object)
      yield* classesIn(value, `${path}.${name}`);
  }
}

let count = 0;
for (const name of packages) {
  for (const [path, exported, value] of classesIn(await import(`@kindling/${name}`), name)) {
    count++;
    if (value.name !== exported) console.log(`${path}.${exported} is called ${value.name}`);
  }
}
console.log(`${count > 50 ? "many" : count} classes`);
