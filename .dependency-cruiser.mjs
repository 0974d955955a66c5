// The floors of the house: what each package's sources may import. An arrow only ever points down.
const floors = {
  storage: [],
  "backend-cpu": ["storage"],
  "backend-wasm": ["storage"],
  "backend-blas": ["storage"],
  "backend-webgpu": ["storage"],
  autograd: ["storage"],
  nn: ["autograd"],
  optim: ["autograd"],
  gradcheck: ["autograd"],
  data: ["autograd"],
  io: ["autograd"],
  viz: ["autograd"],
  train: ["autograd", "io"],
  distributed: ["autograd", "nn", "data"],
  "backend-testkit": ["storage", "backend-cpu", "autograd", "gradcheck", "nn", "optim"],
  kindling: [
    "storage",
    "backend-cpu",
    "backend-wasm",
    "backend-webgpu",
    "autograd",
    "nn",
    "optim",
    "gradcheck",
    "data",
    "io",
  ],
};

/** The one file above the devices that names a backend. */
const registersCpu = "^packages/autograd/src/register-cpu\\.ts$";

const floor = ([name, below]) => ({
  name: `floor-of-${name}`,
  comment: `${name} stands on ${below.join(", ") || "nothing of ours"}.`,
  severity: "error",
  from: { path: `^packages/${name}/`, pathNot: registersCpu },
  to: { path: "^packages/", pathNot: `^packages/(${[name, ...below].join("|")})/` },
});

export default {
  forbidden: [
    ...Object.entries(floors).map(floor),
    {
      name: "floor-unknown",
      comment: "A package without a floor: add it to the table in .dependency-cruiser.mjs.",
      severity: "error",
      from: { path: "^packages/", pathNot: `^packages/(${Object.keys(floors).join("|")})/` },
      to: {},
    },
    {
      name: "register-cpu-only",
      comment: "register-cpu.ts may name backend-cpu beyond autograd's floor, and nothing else.",
      severity: "error",
      from: { path: registersCpu },
      to: { path: "^packages/", pathNot: "^packages/(autograd|storage|backend-cpu)/" },
    },
    {
      name: "no-foreign-sources",
      comment: "Another package is reached by its name, never through its files.",
      severity: "error",
      from: { path: "^([^/]+/[^/]+)/" },
      to: {
        path: "^(packages|apps|tests)/",
        pathNot: "^$1/",
        dependencyTypes: ["local"],
        dependencyTypesNot: ["aliased"],
      },
    },
    {
      name: "packages-stand-alone",
      comment: "Packages know nothing of applications, tests and benchmarks.",
      severity: "error",
      from: { path: "^packages/" },
      to: { path: "^(apps|tests|benchmarks|examples|scripts)/" },
    },
    {
      name: "examples-are-anybodys",
      comment: "Examples stand on what is published, as programs elsewhere do.",
      severity: "error",
      from: { path: "^examples/" },
      to: { path: "^(apps|tests|benchmarks|scripts)/" },
    },
    {
      name: "no-unresolvable",
      comment: "An import that leads nowhere, such as a file inside another package.",
      severity: "error",
      from: {},
      // declarations alone: there is no module to resolve
      to: { couldNotResolve: true, pathNot: "^@webgpu/types$" },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    // the benchmarks' peers are no part of the workspace, and installed only when they are needed
    exclude: { path: "(^|/)(node_modules|dist)/|^benchmarks/peers/" },
    tsConfig: { fileName: "tsconfig.base.json" },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "types", "default"] },
  },
};
