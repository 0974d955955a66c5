import { readFile } from "node:fs/promises";
import type { Options } from "tsup";
import ts from "typescript";

/**
 * Gives every class of a package a getter of its name. Printed modules and optimizers, errors and graphs show it, and what minifies a
 * program would else leave `t` of it; unlike esbuild's `keepNames`, a getter lets bundlers drop a class that nobody uses.
 */
export const classNames: NonNullable<Options["esbuildPlugins"]>[number] = {
  name: "class-names",
  setup(build) {
    build.onLoad({ filter: /[\\/]src[\\/].*\.ts$/ }, async ({ path }) => {
      const text = await readFile(path, "utf8");
      return { contents: named(path, text), loader: "ts" };
    });
  },
};

function named(path: string, text: string): string {
  const places: { at: number; name: string }[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isClassLike(node) && node.name && !node.members.some(isStaticName)) {
      places.push({ at: node.members.pos, name: node.name.text });
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(path, text, ts.ScriptTarget.ESNext));
  // from the end, so that the places before stay where they are; on the class's first line, which keeps the lines' numbers
  return places
    .sort((a, b) => b.at - a.at)
    .reduce((t, { at, name }) => `${t.slice(0, at)} static get name() { return "${name}"; }${t.slice(at)}`, text);
}

const isStaticName = (member: ts.ClassElement): boolean =>
  member.name !== undefined &&
  ts.isIdentifier(member.name) &&
  member.name.text === "name" &&
  ts.canHaveModifiers(member) &&
  ts.getModifiers(member)?.some(({ kind }) => kind === ts.SyntaxKind.StaticKeyword) === true;
