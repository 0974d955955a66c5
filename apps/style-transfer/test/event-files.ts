import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** What the one event file in a folder holds: how often a tag stands in it, and the sizes of its pictures. Throws where a record is cut. */
export function eventsIn(folder: string): { count(tag: string): number; pictures: [width: number, height: number][] } {
  const [name, ...more] = readdirSync(folder);
  if (more.length > 0) throw new Error(`${folder} holds more than one file`);
  const bytes = readFileSync(join(folder, name));
  const records: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = at + 16 + Number(bytes.readBigUInt64LE(at)); // length and its checksum, data, their checksum
    if (end > bytes.length) throw new Error(`the record at byte ${at} is cut`);
    records.push(bytes.subarray(at + 12, end - 4));
    at = end;
  }
  return {
    count: (tag) => records.filter((record) => record.includes(tag)).length,
    pictures: records.flatMap((record) => {
      const header = record.indexOf("IHDR") + 4;
      return header < 4 ? [] : [[record.readUInt32BE(header), record.readUInt32BE(header + 4)] as [number, number]];
    }),
  };
}
