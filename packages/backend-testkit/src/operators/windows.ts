import { call, type Table } from "./case.js";
import { Values } from "./values.js";

const v = new Values();

export const windows: Table = {
  conv1d: [
    call(v.any(1, 2, 4), v.any(2, 2, 3), v.any(2)),
    call(v.any(2, 5), v.any(2, 1, 2), v.any(2), 2, 1, 2, 2),
    call(v.gapped(2, 1, 3), v.gapped(1, 1, 2), { padding: "same" }),
  ],
  conv2d: [
    call(v.any(1, 1, 3, 3), v.any(1, 1, 2, 2), v.any(1)),
    call(v.any(2, 2, 2, 3), v.any(2, 1, 1, 2), v.any(2), { stride: [1, 2], padding: [1, 0], groups: 2 }),
    call(v.gapped(1, 2, 2, 2), v.gapped(1, 2, 1, 1)),
    call(v.any(1, 3, 4), v.any(1, 1, 2, 2), { dilation: [1, 2], padding: "valid" }),
    call(v.any(1, 1, 2, 2), v.any(1, 1, 2, 2), { padding: "same" }),
  ],
  conv3d: [
    call(v.any(1, 1, 2, 2, 2), v.any(1, 1, 1, 2, 2), v.any(1), { padding: [0, 1, 0], stride: [1, 2, 1] }),
    call(v.any(2, 2, 1, 2), v.any(2, 1, 2, 1, 1), { groups: 2 }),
  ],
  convTranspose1d: [
    call(v.any(1, 2, 3), v.any(2, 1, 2), v.any(1)),
    call(v.any(2, 3), v.any(2, 1, 2), v.any(2), { stride: 2, outputPadding: 1, groups: 2, dilation: 2, padding: 1 }),
    call(v.any(1, 1, 2), v.any(1, 1, 2), { dilation: 3, outputPadding: 2 }),
  ],
  convTranspose2d: [
    call(v.any(1, 1, 2, 2), v.any(1, 1, 2, 2), v.any(1), { stride: [2, 1], padding: [1, 0], outputPadding: [1, 0] }),
    call(v.gapped(1, 2, 2, 1), v.gapped(2, 1, 1, 1)),
  ],
  convTranspose3d: [call(v.any(1, 1, 1, 2, 1), v.any(1, 1, 2, 1, 2), v.any(1), { stride: 2 })],

  maxPool1d: [
    call(v.any(1, 2, 5), 2),
    call(v.any(2, 5), { kernelSize: 3, stride: 2, padding: 1, ceilMode: true }),
    call(v.any(1, 5), 2, { dilation: 2, stride: 1, padding: 1, returnIndices: true }),
  ],
  maxPool2d: [
    call(v.any(1, 1, 4, 4), 2),
    call(v.gapped(2, 3, 3), 2, 1, 1),
    call(v.any(1, 4, 3), [3, 2], { returnIndices: true }),
  ],
  maxPool3d: [call(v.any(1, 1, 2, 2, 3), 2), call(v.any(1, 2, 2, 2), { kernelSize: [1, 2, 2], padding: [0, 1, 1] })],
  avgPool1d: [call(v.any(1, 2, 5), 2), call(v.any(2, 4), 3, 2, 1, true, false)],
  avgPool2d: [
    call(v.any(1, 1, 4, 4), 2),
    call(v.gapped(2, 3, 3), [2, 3], { stride: 2, padding: 1, ceilMode: true }),
    call(v.any(1, 3, 3), { kernelSize: 2, stride: 1, divisorOverride: 3 }),
  ],
  avgPool3d: [call(v.any(1, 2, 2, 3), 2, { padding: 1, stride: 2, countIncludePad: false })],
  adaptiveAvgPool1d: [call(v.any(1, 2, 5), 3), call(v.any(2, 4), 2)],
  adaptiveAvgPool2d: [call(v.any(1, 1, 4, 3), 2), call(v.any(1, 2, 3), [null, 1]), call(v.any(1, 2, 2), [3, 2])],
  adaptiveAvgPool3d: [call(v.any(1, 2, 3, 2), [1, 2, null])],
  adaptiveMaxPool1d: [call(v.any(1, 2, 5), 3), call(v.any(2, 4), 2)],
  adaptiveMaxPool2d: [call(v.any(1, 1, 4, 3), 2), call(v.any(1, 2, 3), [null, 1])],
  adaptiveMaxPool3d: [call(v.any(1, 2, 3, 2), [1, 2, null])],

  im2col: [call(v.any(1, 1, 3, 3), 2), call(v.any(2, 3, 2), [2, 1], { dilation: [2, 1], padding: 1, stride: 2 })],
  col2im: [call(v.any(1, 4, 4), 3, 2), call(v.any(4, 4), [3, 2], [2, 1], { padding: [0, 1], stride: [1, 3] })],
  constantPadNd: [call(v.any(2, 3), [1, 2]), call(v.gapped(2, 3), [-1, 1, 0, 2], 0.5), call(v.any(3), [-1, -1])],
  pixelShuffle: [call(v.any(4, 1, 2), 2), call(v.any(1, 8, 1, 1), 2)],
  pixelUnshuffle: [call(v.any(1, 2, 4), 2)],
  channelShuffle: [call(v.any(1, 4, 2), 2)],
};
