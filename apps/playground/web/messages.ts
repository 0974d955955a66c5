/** What the worker tells the page, in order. */
export type Message =
  | { kind: "ready"; names: Names }
  | { kind: "text"; level: Level; text: string }
  /** A picture has its place in the output from the call of `show` on; `drawn` fills it. */
  | { kind: "place"; id: number; label: string }
  | { kind: "drawn"; id: number; picture: Picture }
  | { kind: "failed"; fault: Fault }
  | { kind: "ended"; ms: number };

export type Level = "log" | "warn" | "error";

/** An SVG document, or what the page makes one of: charts need a document, and a worker has none. */
export type Picture =
  | { svg: string }
  | { curves: Record<string, { x: number; y: number }[]>; axes: { x: string; y: string; log?: boolean } }
  | { counts: number[][]; classes: string[] };

/** What went wrong, and in which line of the program where that is known. */
export interface Fault {
  message: string;
  line?: number;
}

/** Exported names, for completion: a namespace holds its own. */
export interface Names {
  [name: string]: Names | 0;
}
