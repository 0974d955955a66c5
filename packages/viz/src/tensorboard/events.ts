import { PbfWriter } from "pbf";
import type { Pixels } from "../png.js";
import type { Histogram } from "./histogram.js";

/*
 * TensorBoard's protocol buffers, as far as they are written: event.proto, summary.proto, histogram.proto, tensor.proto. Numbers are those of the fields.
 */

/** What a summary says under a tag. */
export type Value =
  | { readonly kind: "scalar"; readonly scalar: number }
  | { readonly kind: "image"; readonly pixels: Pixels; readonly png: Uint8Array }
  | { readonly kind: "histogram"; readonly histogram: Histogram }
  | { readonly kind: "text"; readonly text: string };

/** `DT_STRING` of types.proto. */
const STRING = 7;

function writeHistogram({ min, max, num, sum, sumSquares, limits, counts }: Histogram, to: PbfWriter): void {
  [min, max, num, sum, sumSquares].forEach((value, i) => {
    to.writeDoubleField(i + 1, value);
  });
  to.writePackedDouble(6, limits);
  to.writePackedDouble(7, counts);
}

/** `SummaryMetadata` that names the plugin of texts. */
const writeTextPlugin = (_: null, to: PbfWriter): void =>
  to.writeMessage(1, (name: string, plugin) => plugin.writeStringField(1, name), "text");

/** A `TensorProto` of one string. */
function writeString(text: string, to: PbfWriter): void {
  to.writeVarintField(1, STRING);
  const size = (_: null, shape: PbfWriter): void =>
    shape.writeMessage(2, (n: number, dimension) => dimension.writeVarintField(1, n), 1);
  to.writeMessage(2, size, null);
  to.writeStringField(8, text);
}

function writeImage({ pixels, png }: { pixels: Pixels; png: Uint8Array }, to: PbfWriter): void {
  to.writeVarintField(1, pixels.height);
  to.writeVarintField(2, pixels.width);
  to.writeVarintField(3, pixels.channels);
  to.writeBytesField(4, png);
}

function writeValue({ tag, value }: { tag: string; value: Value }, to: PbfWriter): void {
  to.writeStringField(1, tag);
  if (value.kind === "scalar") to.writeFloatField(2, value.scalar);
  else if (value.kind === "image") to.writeMessage(4, writeImage, value);
  else if (value.kind === "histogram") to.writeMessage(5, writeHistogram, value.histogram);
  else {
    to.writeMessage(9, writeTextPlugin, null);
    to.writeMessage(8, writeString, value.text);
  }
}

/** The first event of a file. @param seconds since 1970 */
export function versionEvent(seconds: number): Uint8Array {
  const event = new PbfWriter();
  event.writeDoubleField(1, seconds);
  event.writeStringField(3, "brain.Event:2");
  return event.finish();
}

/** An event that holds a summary of one value. @param seconds since 1970 */
export function summaryEvent(tag: string, value: Value, step: number, seconds: number): Uint8Array {
  const event = new PbfWriter();
  event.writeDoubleField(1, seconds);
  event.writeVarintField(2, step);
  event.writeMessage(5, (of: { tag: string; value: Value }, to) => to.writeMessage(1, writeValue, of), { tag, value });
  return event.finish();
}
