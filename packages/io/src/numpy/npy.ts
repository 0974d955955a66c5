import { ArgumentError, type DType, DTypeError, dtypeInfo, isTensor, type Tensor } from "@kindling/autograd";
import { encode, readElements } from "../elements.js";
import { FormatError } from "../errors.js";
import { type ByteSource, readWithin } from "../source/bytes.js";
import { arrayType, kinds } from "./dtype.js";
import { type Literal, literal } from "./literal.js";

/*
 * .npy (https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html): magic, version, header length (16 bits in version 1,
 * 32 from 2 on), a Python dictionary as text (Latin-1, from version 3 on UTF-8), the elements.
 */

const MAGIC = "\x93NUMPY";
/** A header tells dtype and shape; what needs more than this is no array of ours. */
const MAX_HEADER = 1 << 16;
/** Elements begin at multiples of it. */
const ALIGNMENT = 64;

interface NpyHeader {
  readonly dtype: DType;
  readonly bigEndian: boolean;
  readonly fortran: boolean;
  readonly shape: readonly number[];
}

/**
 * The array of an `.npy` file. One in Fortran order keeps its order: the tensor has its strides.
 * @throws FormatError for a broken file, an array of objects, and dtypes that no tensor here has
 */
export async function readNpy(source: ByteSource): Promise<Tensor> {
  const head = await readWithin(source, 0, 10, "an .npy file's head");
  if (String.fromCharCode(...head.subarray(0, 6)) !== MAGIC)
    throw new FormatError(source.name, "byte 0", "not an .npy file: it does not begin with \\x93NUMPY");
  const version = head[6];
  if (version < 1 || version > 3)
    throw new FormatError(source.name, "byte 6", `.npy version ${version}.${head[7]} is unknown`);
  const wide =
    version === 1
      ? head.subarray(8)
      : Uint8Array.of(...head.subarray(8), ...(await readWithin(source, 10, 2, "the header's length")));
  const length = wide.reduce((sum, byte, i) => sum + byte * 256 ** i, 0);
  const start = 6 + 2 + wide.length + length;
  if (length > MAX_HEADER)
    throw new FormatError(
      source.name,
      "byte 8",
      `a header of ${length} bytes, where at most ${MAX_HEADER} are allowed`,
    );
  const text = await readWithin(source, start - length, length, "the header");
  const { dtype, bigEndian, fortran, shape } = readHeader(
    new TextDecoder(version < 3 ? "latin1" : "utf-8").decode(text),
    source.name,
  );
  const count = shape.reduce((n, size) => n * size, 1);
  const bytes = count * dtypeInfo[dtype].bytes;
  if (start + bytes !== source.size)
    throw new FormatError(
      source.name,
      `byte ${start}`,
      `${dtype} of shape [${shape.join(", ")}] takes ${bytes} bytes, but the file has ${source.size - start}`,
    );
  return inOrder(await readElements(source, start, dtype, stored(shape, fortran), bigEndian), fortran);
}

/** The shape in which an array's elements are in C order. */
export const stored = (shape: readonly number[], fortran: boolean): readonly number[] =>
  fortran ? [...shape].reverse() : shape;

/** An array as it should be, of one in its stored shape. */
export const inOrder = (array: Tensor, fortran: boolean): Tensor =>
  fortran && array.dim() > 1 ? array.permute(array.shape.map((_, i) => array.dim() - 1 - i)).detach() : array;

const isCount = (value: Literal): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

function readHeader(text: string, file: string): NpyHeader {
  const refuse = (problem: string): never => {
    throw new FormatError(file, "header", problem);
  };
  let header: Literal;
  try {
    header = literal(text);
  } catch (error) {
    return refuse((error as Error).message);
  }
  const keys = ["descr", "fortran_order", "shape"];
  if (!(header instanceof Map) || [...header.keys()].sort().join() !== keys.join())
    return refuse(`not a dictionary of ${keys.join(", ")}`);
  const fortran = header.get("fortran_order") as Literal;
  const shape = header.get("shape") as Literal;
  const { dtype, bigEndian } = arrayType(header.get("descr"), refuse);
  if (typeof fortran !== "boolean") return refuse("fortran_order is neither True nor False");
  if (!Array.isArray(shape) || !shape.every(isCount)) return refuse("shape is not a tuple of whole numbers");
  if (!Number.isSafeInteger(shape.reduce((n, size) => n * size, dtypeInfo[dtype].bytes)))
    return refuse(`shape (${shape.join(", ").slice(0, 100)}) has more elements than there are numbers`);
  if (shape.length > 64) return refuse(`${shape.length} dimensions`);
  return { dtype, bigEndian, fortran, shape };
}

/**
 * The bytes of an `.npy` file, as `numpy.save` writes them: a tensor whose transpose is contiguous in Fortran order, all others in C
 * order.
 * @throws DTypeError for bfloat16, which NumPy does not have
 * @throws DeviceError for tensors that cannot be read at once: `await t.cpu()` first
 */
export function serializeNpy(t: Tensor): Uint8Array<ArrayBuffer> {
  if (!isTensor(t)) throw new ArgumentError(`an .npy file holds one tensor, but got ${t === null ? "null" : typeof t}`);
  const { dtype, shape } = t;
  if (dtype === "bfloat16")
    throw new DTypeError('NumPy has no bfloat16: write t.to("float32"), which holds the same values', { dtype });
  const turned = t.permute(shape.map((_, i) => shape.length - 1 - i));
  const fortran = !t.isContiguous() && turned.isContiguous();
  const values = encode(dtype, (fortran ? turned : t).toTypedArray());
  const order = dtypeInfo[dtype].bytes === 1 ? "|" : "<";
  const sizes = `${shape.join(", ")}${shape.length === 1 ? "," : ""}`;
  const text = `{'descr': '${order}${kinds[dtype]}', 'fortran_order': ${fortran ? "True" : "False"}, 'shape': (${sizes}), }`;
  const start = Math.ceil((10 + text.length + 1) / ALIGNMENT) * ALIGNMENT;
  const out = new Uint8Array(start + values.length);
  out.set(new TextEncoder().encode(`${text.padEnd(start - 11)}\n`), 10);
  out.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, (start - 10) & 255, (start - 10) >> 8]);
  out.set(values, start);
  return out;
}
