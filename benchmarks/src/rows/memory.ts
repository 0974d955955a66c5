import { readFileSync } from "node:fs";
import type { Group } from "../row.js";
import { networks, transfer } from "./style-transfer.js";

/** The most memory this process has had resident, in bytes. */
function peak(): number {
  try {
    const line = /VmHWM:\s*(\d+) kB/.exec(readFileSync("/proc/self/status", "utf8"));
    if (line) return Number(line[1]) * 1024;
  } catch {
    // Not Linux.
  }
  return process.resourceUsage().maxRSS * 1024;
}

export const memory: Group = {
  name: "memory",
  isolated: true,
  rows: [
    {
      name: "peak memory, style transfer, VGG19 to conv5_1, 256",
      unit: "MB",
      figure: (bytes) => bytes / 1e6,
      better: "less",
      targets: { kindling: { pytorch: 1 } },
      prepare: () => ({
        measure() {
          const evaluate = transfer(networks["VGG19 to conv5_1"], 256);
          for (let i = 0; i < 5; i++) evaluate();
          return peak();
        },
      }),
    },
  ],
};
