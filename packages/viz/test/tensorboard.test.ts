import { expect, it } from "vitest";
import { openEventFile } from "../src/event-file-browser.js";
import { histogramOf } from "../src/tensorboard/histogram.js";
import { maskedCrc, recordOf } from "../src/tensorboard/records.js";

it("frames records as TFRecord does", () => {
  // CRC-32C of "123456789" is 0xe3069283 (RFC 3720); turned by 15 bits and moved by 0xa282ead8
  const crc = 0xe3069283;
  expect(maskedCrc(new TextEncoder().encode("123456789"))).toBe((((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0);
  const data = Uint8Array.of(1, 2, 3);
  const record = recordOf(data);
  expect([...record.subarray(0, 8)]).toEqual([3, 0, 0, 0, 0, 0, 0, 0]);
  expect(record.subarray(12, 15)).toEqual(data);
  expect(new DataView(record.buffer).getUint32(15, true)).toBe(maskedCrc(data));
  expect(record).toHaveLength(19);
});

it("makes PyTorch's histograms", () => {
  // torch.utils.tensorboard.summary.make_histogram(np.array([-1, 0, 0.5, 0.5, 2]), SummaryWriter's default_bins)
  const { counts, limits, ...figures } = histogramOf([-1, 0, Number.NaN, 0.5, 0.5, 2]);
  expect(figures).toEqual({ min: -1, max: 2, num: 5, sum: 2, sumSquares: 5.5 });
  expect(counts).toHaveLength(limits.length);
  expect(counts.filter((count) => count > 0)).toEqual([1, 1, 2, 1]);
  expect(counts[0]).toBe(0);
  expect(limits[0]).toBeLessThanOrEqual(-1);
  expect(limits.at(-1)).toBeGreaterThan(2);
  expect(limits.at(-2)).toBeLessThanOrEqual(2);
  expect(() => histogramOf([Number.NaN])).toThrow("needs a value that is finite");
});

it("says in a page that there are no files", () => {
  expect(() => openEventFile("runs")).toThrow("a page cannot");
});
