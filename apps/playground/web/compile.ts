import { parse } from "acorn";
import { transform } from "sucrase";

/** A program that cannot run, with the line that says why. */
export class ProgramError extends Error {
  override name = "SyntaxError";
  constructor(
    message: string,
    readonly line: number,
  ) {
    super(message);
  }
}

/**
 * TypeScript as the body of an async function with `require` and `exports`. Types go, imports become calls, lines stay where they are.
 * @throws ProgramError with the line
 */
export function compile(program: string): string {
  const code = located(
    () =>
      transform(program, {
        transforms: ["typescript", "imports"],
        disableESTransforms: true, // the browser is as new as the syntax
        preserveDynamicImport: false,
        production: true,
      }).code,
  );
  // Sucrase reads past mistakes, and what the engine says of them has no line.
  located(() =>
    parse(code, {
      ecmaVersion: "latest",
      sourceType: "script",
      allowAwaitOutsideFunction: true,
      allowReturnOutsideFunction: true,
    }),
  );
  return code;
}

function located<T>(step: () => T): T {
  try {
    return step();
  } catch (error) {
    const { message, loc } = error as Error & { loc?: { line: number } };
    const line = loc?.line ?? Number(/\((\d+):\d+\)/.exec(message)?.[1] ?? 1);
    throw new ProgramError(message.replace(/^Error transforming [^:]*: /, "").replace(/\s*\(\d+:\d+\)$/, ""), line);
  }
}
