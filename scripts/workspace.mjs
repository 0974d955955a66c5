// What the other scripts share: install and build when something changed, and run a program as if it were this one.
// Plain Node: it must work before anything is installed.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { constants } from "node:os";
import { delimiter, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("..", import.meta.url));

const windows = process.platform === "win32";
const bin = join(root, "node_modules", ".bin");
const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

/** The environment of every program started here: the workspace's own tools first, none of them calling home. */
export const env = {
  ...process.env,
  PATH: `${bin}${delimiter}${process.env.PATH ?? ""}`,
  TURBO_TELEMETRY_DISABLED: "1",
};

/** Progress goes to stderr, so that a program's own output stays clean. */
export const say = (text) => process.stderr.write(`${text}\n`);

const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  say(`Kindling needs Node ${manifest.engines.node}; this is Node ${process.versions.node}.`);
  process.exit(1);
}

/** The folders of the workspace's packages, relative to the root. */
export function workspaces() {
  const below = ["packages", "apps", "tests", "examples"].filter((folder) => existsSync(join(root, folder)));
  return [
    ...below.flatMap((folder) => readdirSync(join(root, folder)).map((name) => `${folder}/${name}`)),
    "benchmarks",
  ]
    .filter((folder) => existsSync(join(root, folder, "package.json")))
    .sort();
}

/**
 * Runs a program and gives its exit code. It gets a process group of its own, so that Ctrl-C reaches it only through here:
 * once, although terminal and npm both signal this process; then it may take its time to finish.
 */
export function run(command, args, { cwd = root, stdio = "inherit", onLine } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      env,
      stdio: onLine ? ["ignore", "pipe", "pipe"] : stdio,
      detached: !windows,
      shell: windows && command !== process.execPath,
    });
    let last = 0;
    const forward = (signal) => {
      if (Date.now() - last < 1000) return;
      last = Date.now();
      try {
        windows ? child.kill(signal) : process.kill(-child.pid, signal);
      } catch {
        // It has ended already.
      }
    };
    const signals = ["SIGINT", "SIGTERM", "SIGHUP"];
    for (const signal of signals) process.on(signal, forward);
    if (onLine)
      for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on("line", onLine);
    child.on("error", reject);
    child.on("close", (code, signal) => {
      for (const name of signals) process.off(name, forward);
      resolve(code ?? 128 + constants.signals[signal]);
    });
  });
}

/** Ends this process if a step before the last one failed. */
function must(code) {
  if (code !== 0) process.exit(code);
}

function manifestHash() {
  const hash = createHash("sha256");
  const files = [
    "pnpm-lock.yaml",
    "pnpm-workspace.yaml",
    "package.json",
    ...workspaces().map((w) => `${w}/package.json`),
  ];
  for (const file of files) hash.update(`${file}\n`).update(readFileSync(join(root, file)));
  return hash.digest("hex");
}

/** Installs what the lockfile says, unless that is what stands in node_modules. */
export async function install() {
  const stamp = join(root, "node_modules", ".kindling-install");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === manifestHash()) return;
  const start = Date.now();
  say(`Installing packages with ${manifest.packageManager} …`);
  must(await run("npx", ["-y", manifest.packageManager, "install"], { stdio: ["ignore", 2, 2] }));
  writeFileSync(stamp, manifestHash());
  say(`Installed in ${seconds(start)} s.`);
}

/** Runs Turborepo, installing first where needed; gives its exit code. */
export async function turbo(args, options) {
  await install();
  return run("turbo", args, options);
}

/** Builds one workspace package and those below it; says something only when there is something to build or to complain about. */
export async function build(folder) {
  const start = Date.now();
  const log = [];
  let count = 0;
  const onLine = (line) => {
    log.push(line);
    const name = /^(\S+):build: cache miss/.exec(line)?.[1];
    if (!name) return;
    if (count++ === 0) say("Building …");
    say(`  ${name}`);
  };
  const code = await turbo(["run", "build", `--filter=./${folder}`, "--output-logs=new-only"], { onLine });
  if (code !== 0) say(log.join("\n"));
  must(code);
  if (count > 0) say(`Built in ${seconds(start)} s.`);
}

const seconds = (start) => ((Date.now() - start) / 1000).toFixed(1);

/** Builds a workspace package and runs a program of it; relative paths count from where the user typed. */
export async function program(folder, file, args) {
  await install();
  await build(folder);
  return run(process.execPath, [join(root, folder, file), ...args], { cwd: process.env.INIT_CWD ?? process.cwd() });
}

/** Runs the name classifier's command line. */
export const names = (args) => program("apps/name-classification", "dist/cli.js", args);

/** Runs style transfer's command line. */
export const style = (args) => program("apps/style-transfer", "dist/cli.js", args);
