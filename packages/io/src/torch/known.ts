import { type DType, dtypeInfo } from "@kindling/autograd";
import { shown } from "../errors.js";
import { itemsOf, python } from "../pickle/known.js";
import { Dict, Foreign, Known, Tuple, Unfit } from "../pickle/values.js";
import { numpy } from "./numpy-values.js";
import { isCount, StorageRef, StorageType, TensorRef } from "./values.js";

/* The names that a file of PyTorch may use: what makes tensors, and harmless values beside them. */

/** Dimensions of a tensor. */
const MOST_DIMENSIONS = 64;

function sizes(value: unknown, what: string): readonly number[] {
  const items = itemsOf(value);
  if (items.length > MOST_DIMENSIONS) throw new Unfit(`a tensor of ${items.length} dimensions`);
  if (items.every(isCount)) return items;
  throw new Unfit(`a tensor whose ${what} is (${items.map(shown).join(", ").slice(0, 100)})`);
}

/** `torch._utils._rebuild_tensor` and its followers. */
function rebuilt(args: readonly unknown[], dtype: DType | null): TensorRef {
  const [storage, offset, size, stride, requiresGrad = false, , bits] = args;
  if (!(storage instanceof StorageRef)) throw new Unfit("a tensor of something that is no storage");
  const shape = sizes(size, "shape");
  const strides = sizes(stride, "stride");
  if (!isCount(offset) || shape.length !== strides.length)
    throw new Unfit("a tensor whose shape, stride and offset do not go together");
  if (bits instanceof Dict && [...bits.entries.values()].includes(true))
    throw new Unfit(
      "a tensor that is conjugated or negated when it is read (torch.resolve_conj, torch.resolve_neg), which is not supported",
    );
  const element = storage.type.dtype ?? dtype ?? "uint8";
  if (dtype !== null && dtype !== element) throw new Unfit(`a tensor of ${dtype} on a storage of ${element}`);
  // where its last element lies, in elements of the storage
  const { from, to } = storage.part ?? { from: 0, to: lengthOf(storage, element) };
  let last = from + offset;
  let count = 1;
  shape.forEach((n, i) => {
    last += (n - 1) * strides[i];
    count *= n;
  });
  if (!Number.isSafeInteger(count))
    throw new Unfit(`a tensor of shape [${shape.join(", ")}], which has more elements than there are numbers`);
  if (count > 0 && last >= to)
    throw new Unfit(
      `a tensor of shape [${shape.join(", ")}], stride [${strides.join(", ")}] and offset ${offset} on a storage of ${to - from} elements`,
    );
  return new TensorRef(storage, element, { offset: from + offset, shape, strides }, requiresGrad === true);
}

/** Elements of a storage, when they are of that dtype. */
export const lengthOf = ({ type, count }: StorageRef, dtype: DType): number =>
  type.dtype === null ? Math.floor(count / dtypeInfo[dtype].bytes) : count;

const tensorOf = (value: unknown): TensorRef => {
  if (value instanceof TensorRef) return value;
  throw new Unfit("a parameter of something that is no tensor");
};

const parameter = ([data, requiresGrad = true]: readonly unknown[]): TensorRef =>
  tensorOf(data).again(requiresGrad === true);

/** A tensor with attributes, which are not read: `(how it is made, its class, the arguments, the attributes)`. */
function withAttributes([how, type, args]: readonly unknown[]): unknown {
  if (how === rebuiltFromType) throw new Unfit("a tensor with attributes of a tensor with attributes");
  if (!(how instanceof Known) || how.make === null || !(type instanceof Known) || !(args instanceof Tuple)) {
    const name = [how, type].find((value) => value instanceof Foreign) as Foreign | undefined;
    throw new Unfit(`a tensor of ${name?.name ?? "no class"}, which is not read here`);
  }
  return tensorOf(how.make(args.items));
}

const text = (value: unknown): string => {
  if (typeof value === "string") return value;
  throw new Unfit("text is expected among the arguments");
};

const storages: Readonly<Record<string, DType>> = {
  Float: "float32",
  Double: "float64",
  Half: "float16",
  BFloat16: "bfloat16",
  Long: "int64",
  Int: "int32",
  Short: "int16",
  Char: "int8",
  Byte: "uint8",
  Bool: "bool",
};

/** Dtypes as values: their names. */
const dtypes =
  "float32 float64 float16 bfloat16 int64 int32 int16 int8 uint8 bool uint16 uint32 uint64 complex32 complex64 complex128 quint8 qint8 qint32 float8_e4m3fn float8_e5m2";

const rebuiltFromType = new Known("torch._tensor._rebuild_from_type_v2", withAttributes);

const makers: Readonly<Record<string, ((args: readonly unknown[]) => unknown) | null>> = {
  "torch._utils._rebuild_tensor": (args) => rebuilt(args.slice(0, 4), null),
  "torch._utils._rebuild_tensor_v2": (args) => rebuilt(args, null),
  "torch._utils._rebuild_tensor_v3": (args) => rebuilt([...args.slice(0, 6), args[7]], dtypeNamed(args[6])),
  "torch._utils._rebuild_parameter": parameter,
  "torch._utils._rebuild_parameter_with_state": parameter,
  "torch.nn.parameter.Parameter": parameter,
  "torch.autograd.variable.Variable": parameter,
  "torch.Tensor": null,
  "torch._tensor.Tensor": null,
  "torch.Size": ([from]) => new Tuple(from === undefined ? [] : [...itemsOf(from)]),
  "torch.device": ([type, index]) => (isCount(index) ? `${text(type)}:${index}` : text(type)),
  "torch.serialization._get_layout": ([name]) => text(name).replace("torch.", ""),
  "torch.torch_version.TorchVersion": ([version]) => text(version),
  "torch.nn.backends.thnn._get_thnn_function_backend": () => null, // an attribute of old modules
};

function dtypeNamed(value: unknown): DType {
  if (typeof value === "string" && Object.hasOwn(dtypeInfo, value)) return value as DType;
  throw new Unfit(`a tensor of dtype ${typeof value === "string" ? value : "unknown"}, which no tensor here has`);
}

/** Why tensors of some kinds are not read. */
const refused: readonly (readonly [name: RegExp, what: string])[] = [
  [/^torch\._utils\._rebuild_sparse/, "a sparse tensor"],
  [/^torch\._utils\._rebuild_q/, "a quantized tensor"],
  [/^torch\._utils\._rebuild_nested/, "a nested tensor"],
  [/^torch\._utils\._rebuild_meta/, "a tensor of the meta device, which has no elements"],
  [/^torch\._utils\._rebuild_/, "a tensor of a special kind"],
];

const known = new Map<string, unknown>([
  ...python,
  ...numpy,
  ...Object.entries(makers).map(([name, make]) => [name, new Known(name, make)] as const),
  [rebuiltFromType.name, rebuiltFromType],
  ...Object.entries(storages).flatMap(([name, dtype]) =>
    ["torch", "torch.cuda"].map((module) => [`${module}.${name}Storage`, new StorageType(dtype)] as const),
  ),
  ...["torch.UntypedStorage", "torch.storage.UntypedStorage", "torch.storage._UntypedStorage"].map(
    (name) => [name, new StorageType(null)] as const,
  ),
  ...dtypes.split(" ").map((name) => [`torch.${name}`, name] as const),
  ...["strided", "contiguous_format", "channels_last", "preserve_format"].map(
    (name) => [`torch.${name}`, name] as const,
  ),
]);

/** What a name stands for in a file of PyTorch; `undefined` for one that is on no list. */
export function knownToTorch(name: string): unknown {
  const found = known.get(name);
  if (found !== undefined) return found;
  const special = refused.find(([pattern]) => pattern.test(name));
  if (special === undefined) return undefined;
  return new Known(name, () => {
    throw new Unfit(`${special[1]} (${name}), which is not supported`);
  });
}
