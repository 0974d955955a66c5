import type { Options } from "tsup";

export function kernelModule(): Promise<string>;
export function kernelsForVite(): {
  name: string;
  enforce: "pre";
  resolveId(id: string): string | undefined;
  load(id: string): Promise<string> | undefined;
};
export const kernelsForEsbuild: NonNullable<Options["esbuildPlugins"]>[number];
