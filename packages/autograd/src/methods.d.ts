import type { BackwardOptions } from "./backward.js";
import { registerHook, registerPostAccumulateGradHook, retainGrad, retainsGrad } from "./hooks.js";
import * as at from "./ops/at.js";
import * as compare from "./ops/compare.js";
import * as extremes from "./ops/extremes.js";
import * as indexing from "./ops/indexing.js";
import { inPlace } from "./ops/inplace.js";
import * as pointwise from "./ops/pointwise.js";
import * as reduction from "./ops/reduction.js";
import * as shape from "./ops/shape.js";
import type { TensorOrScalar } from "./ops/table.js";
import { item, tolist, toTypedArray } from "./read.js";
import { Tensor } from "./tensor.js";
declare const pointwiseMethods: {
    add: typeof pointwise.add;
    sub: typeof pointwise.sub;
    rsub: (self: Tensor, other: TensorOrScalar, options?: {
        alpha?: number;
    }) => Tensor;
    div: typeof pointwise.div;
    floorDivide: (self: TensorOrScalar, other: TensorOrScalar) => Tensor;
    remainder: (self: TensorOrScalar, other: TensorOrScalar) => Tensor;
    square: (self: Tensor) => Tensor;
    reciprocal: (self: Tensor) => Tensor;
    rsqrt: (self: Tensor) => Tensor;
    log2: (self: Tensor) => Tensor;
    log10: (self: Tensor) => Tensor;
    exp2: (self: Tensor) => Tensor;
    tan: (self: Tensor) => Tensor;
    atan: (self: Tensor) => Tensor;
    lerp: (self: Tensor, end: Tensor, weight: TensorOrScalar) => Tensor;
    addcmul: (self: Tensor, tensor1: Tensor, tensor2: Tensor, options?: {
        value?: number;
    }) => Tensor;
    addcdiv: (self: Tensor, tensor1: Tensor, tensor2: Tensor, options?: {
        value?: number;
    }) => Tensor;
    neg: import("./ops/table.js").Unary;
    abs: import("./ops/table.js").Unary;
    sign: import("./ops/table.js").Unary;
    floor: import("./ops/table.js").Unary;
    ceil: import("./ops/table.js").Unary;
    round: (self: Tensor, options?: {
        decimals?: number;
    }) => Tensor;
    trunc: import("./ops/table.js").Unary;
    sqrt: import("./ops/table.js").Unary;
    exp: import("./ops/table.js").Unary;
    expm1: import("./ops/table.js").Unary;
    log: import("./ops/table.js").Unary;
    log1p: import("./ops/table.js").Unary;
    sin: import("./ops/table.js").Unary;
    cos: import("./ops/table.js").Unary;
    tanh: import("./ops/table.js").Unary;
    sigmoid: import("./ops/table.js").Unary;
    erf: import("./ops/table.js").Unary;
    bitwiseNot: import("./ops/table.js").Unary;
    mul: import("./ops/table.js").Binary;
    trueDivide: import("./ops/table.js").Binary;
    maximum: import("./ops/table.js").Binary;
    minimum: import("./ops/table.js").Binary;
    pow: import("./ops/table.js").Binary;
    atan2: import("./ops/table.js").Binary;
    fmod: import("./ops/table.js").Binary;
    bitwiseAnd: import("./ops/table.js").Binary;
    bitwiseOr: import("./ops/table.js").Binary;
    bitwiseXor: import("./ops/table.js").Binary;
};
declare const compareMethods: {
    eq: (self: TensorOrScalar, other: TensorOrScalar) => Tensor;
    ne: (self: TensorOrScalar, other: TensorOrScalar) => Tensor;
    lt: (self: TensorOrScalar, other: TensorOrScalar) => Tensor;
    le: (self: TensorOrScalar, other: TensorOrScalar) => Tensor;
    gt: (self: TensorOrScalar, other: TensorOrScalar) => Tensor;
    ge: (self: TensorOrScalar, other: TensorOrScalar) => Tensor;
    logicalNot: (self: Tensor) => Tensor;
    logicalAnd: (self: Tensor, other: Tensor) => Tensor;
    logicalOr: (self: Tensor, other: Tensor) => Tensor;
    logicalXor: (self: Tensor, other: Tensor) => Tensor;
    isnan: (self: Tensor) => Tensor;
    isinf: (self: Tensor) => Tensor;
    isfinite: (self: Tensor) => Tensor;
    isclose: (self: Tensor, other: Tensor, rtol?: number | compare.Closeness, atol?: number | compare.Closeness) => Tensor;
    allclose: (self: Tensor, other: Tensor, rtol?: number | compare.Closeness, atol?: number | compare.Closeness) => boolean;
    equal: (self: Tensor, other: Tensor) => boolean;
};
declare const conditionalMethods: {
    where: (self: Tensor, condition: Tensor, other: TensorOrScalar) => Tensor;
    maskedFill: (self: Tensor, mask: Tensor, value: TensorOrScalar) => Tensor;
    clamp: (self: Tensor, min?: (TensorOrScalar | null) | {
        min?: TensorOrScalar | null;
        max?: TensorOrScalar | null;
    }, max?: (TensorOrScalar | null) | {
        min?: TensorOrScalar | null;
        max?: TensorOrScalar | null;
    }, options?: {
        min?: TensorOrScalar | null;
        max?: TensorOrScalar | null;
    }) => Tensor;
    clampMin: (self: Tensor, min: TensorOrScalar | {
        min?: TensorOrScalar;
    }) => Tensor;
    clampMax: (self: Tensor, max: TensorOrScalar | {
        max?: TensorOrScalar;
    }) => Tensor;
    relu: (self: Tensor) => Tensor;
};
declare const reductionMethods: {
    sum: import("./ops/dims.js").DimReduction;
    mean: import("./ops/dims.js").DimReduction;
    prod: (self: Tensor, dim?: number | null | import("./ops/dims.js").OneDim, keepdim?: boolean | import("./ops/dims.js").OneDim, options?: import("./ops/dims.js").OneDim) => Tensor;
    std: (self: Tensor, dim?: import("./index.js").Dims | boolean | {
        dim?: import("./index.js").Dims;
        correction?: number;
        unbiased?: boolean;
        keepdim?: boolean;
    }, unbiased?: boolean | {
        dim?: import("./index.js").Dims;
        correction?: number;
        unbiased?: boolean;
        keepdim?: boolean;
    }, keepdim?: boolean, options?: {
        dim?: import("./index.js").Dims;
        correction?: number;
        unbiased?: boolean;
        keepdim?: boolean;
    }) => Tensor;
    logsumexp: (self: Tensor, dim: import("./index.js").Dims | import("./ops/dims.js").DimOptions, keepdim?: boolean | import("./ops/dims.js").DimOptions) => Tensor;
    norm: (self: Tensor, p?: (number | "fro" | null | undefined) | {
        p?: number | "fro" | null;
        dim?: import("./index.js").Dims;
        keepdim?: boolean;
        dtype?: import("@kindling/storage").DType | null;
    }, dim?: import("./index.js").Dims | {
        p?: number | "fro" | null;
        dim?: import("./index.js").Dims;
        keepdim?: boolean;
        dtype?: import("@kindling/storage").DType | null;
    }, keepdim?: boolean | {
        p?: number | "fro" | null;
        dim?: import("./index.js").Dims;
        keepdim?: boolean;
        dtype?: import("@kindling/storage").DType | null;
    }) => Tensor;
    sumToSize: typeof reduction.sumToSize;
    var: (self: Tensor, dim?: import("./index.js").Dims | boolean | {
        dim?: import("./index.js").Dims;
        correction?: number;
        unbiased?: boolean;
        keepdim?: boolean;
    }, unbiased?: boolean | {
        dim?: import("./index.js").Dims;
        correction?: number;
        unbiased?: boolean;
        keepdim?: boolean;
    }, keepdim?: boolean, options?: {
        dim?: import("./index.js").Dims;
        correction?: number;
        unbiased?: boolean;
        keepdim?: boolean;
    }) => Tensor;
};
declare const orderMethods: {
    amax: import("./ops/dims.js").DimReduction;
    amin: import("./ops/dims.js").DimReduction;
    argmax: (self: Tensor, dim?: number | null | import("./ops/dims.js").OneDim, keepdim?: boolean | import("./ops/dims.js").OneDim, options?: import("./ops/dims.js").OneDim) => Tensor;
    argmin: (self: Tensor, dim?: number | null | import("./ops/dims.js").OneDim, keepdim?: boolean | import("./ops/dims.js").OneDim, options?: import("./ops/dims.js").OneDim) => Tensor;
    max: extremes.Extreme;
    min: extremes.Extreme;
    any: import("./ops/dims.js").DimReduction;
    all: import("./ops/dims.js").DimReduction;
    cumsum: (self: Tensor, dim: number | {
        dim: number;
        dtype?: import("@kindling/storage").DType;
    }, options?: {
        dtype?: import("@kindling/storage").DType;
    }) => Tensor;
    cumprod: (self: Tensor, dim: number | {
        dim: number;
        dtype?: import("@kindling/storage").DType;
    }, options?: {
        dtype?: import("@kindling/storage").DType;
    }) => Tensor;
    sort: (self: Tensor, dim?: number | {
        dim?: number;
        descending?: boolean;
        stable?: boolean;
    }, descending?: boolean | {
        dim?: number;
        descending?: boolean;
        stable?: boolean;
    }) => [values: Tensor, indices: Tensor];
    argsort: (self: Tensor, dim?: number | {
        dim?: number;
        descending?: boolean;
        stable?: boolean;
    }, descending?: boolean | {
        dim?: number;
        descending?: boolean;
        stable?: boolean;
    }) => Tensor;
    topk: (self: Tensor, k: number, dim?: number | {
        dim?: number;
        largest?: boolean;
        sorted?: boolean;
    }, largest?: boolean | {
        dim?: number;
        largest?: boolean;
        sorted?: boolean;
    }) => [values: Tensor, indices: Tensor];
};
declare const viewMethods: {
    view: (self: Tensor, ...sizes: (number | readonly number[])[]) => Tensor;
    asStrided: (self: Tensor, size: import("@kindling/storage").Shape, stride: import("@kindling/storage").Strides, storageOffset?: number | null) => Tensor;
    reshape: (self: Tensor, ...shape: (number | readonly number[])[]) => Tensor;
    viewAs: (self: Tensor, other: Tensor) => Tensor;
    reshapeAs: (self: Tensor, other: Tensor) => Tensor;
    ravel: (self: Tensor) => Tensor;
    flatten: (self: Tensor, startDim?: number | {
        startDim?: number;
        endDim?: number;
    }, endDim?: number) => Tensor;
    unflatten: (self: Tensor, dim: number, sizes: import("@kindling/storage").Shape) => Tensor;
    unsqueeze: (self: Tensor, dim: number | {
        dim: number;
    }) => Tensor;
    squeeze: (self: Tensor, dim?: number | readonly number[] | {
        dim?: number | readonly number[];
    }) => Tensor;
    transpose: (self: Tensor, dim0: number, dim1: number) => Tensor;
    t: (self: Tensor) => Tensor;
    permute: (self: Tensor, ...dims: (number | readonly number[])[]) => Tensor;
    movedim: (self: Tensor, source: number | readonly number[], destination: number | readonly number[]) => Tensor;
    expand: (self: Tensor, ...size: (number | readonly number[])[]) => Tensor;
    expandAs: (self: Tensor, other: Tensor) => Tensor;
    broadcastTo: (self: Tensor, size: import("@kindling/storage").Shape) => Tensor;
    select: (self: Tensor, dim: number, index: number) => Tensor;
    narrow: (self: Tensor, dim: number, start: number | Tensor, length: number) => Tensor;
    diagonal: (self: Tensor, offset?: number, dim1?: number, dim2?: number) => Tensor;
    unfold: (self: Tensor, dimension: number, size: number, step: number) => Tensor;
    split: (self: Tensor, splitSize: number | readonly number[], dim?: number | {
        dim?: number;
    }) => Tensor[];
    chunk: (self: Tensor, chunks: number, dim?: number | {
        dim?: number;
    }) => Tensor[];
    unbind: (self: Tensor, dim?: number | {
        dim?: number;
    }) => Tensor[];
};
declare const shapeMethods: {
    clone: (self: Tensor) => Tensor;
    contiguous: (self: Tensor) => Tensor;
    to: typeof shape.to;
    typeAs: (self: Tensor, other: Tensor) => Tensor;
    float: (self: Tensor) => Tensor;
    double: (self: Tensor) => Tensor;
    half: (self: Tensor) => Tensor;
    bfloat16: (self: Tensor) => Tensor;
    byte: (self: Tensor) => Tensor;
    char: (self: Tensor) => Tensor;
    short: (self: Tensor) => Tensor;
    int: (self: Tensor) => Tensor;
    long: (self: Tensor) => Tensor;
    bool: (self: Tensor) => Tensor;
    cpu: typeof shape.cpu;
    repeat: (self: Tensor, ...sizes: (number | readonly number[])[]) => Tensor;
    tile: (self: Tensor, ...dims: (number | readonly number[])[]) => Tensor;
    repeatInterleave: (self: Tensor, repeats: number, dim?: number | {
        dim?: number;
    }) => Tensor;
    flip: (self: Tensor, ...dims: (number | readonly number[])[]) => Tensor;
    roll: (self: Tensor, shifts: number | readonly number[], dims?: number | readonly number[] | null) => Tensor;
    tril: (self: Tensor, diagonal?: number | {
        diagonal?: number;
    }) => Tensor;
    triu: (self: Tensor, diagonal?: number | {
        diagonal?: number;
    }) => Tensor;
};
declare const indexingMethods: {
    gather: (self: Tensor, dim: number, index: Tensor) => Tensor;
    scatter: (self: Tensor, dim: number, index: Tensor, src: TensorOrScalar, options?: {
        reduce?: "add" | "multiply";
    }) => Tensor;
    scatterAdd: (self: Tensor, dim: number, index: Tensor, src: Tensor) => Tensor;
    indexSelect: (self: Tensor, dim: number, index: Tensor) => Tensor;
    indexAdd: (self: Tensor, dim: number, index: Tensor, source: Tensor, options?: {
        alpha?: number;
    }) => Tensor;
    indexCopy: (self: Tensor, dim: number, index: Tensor, source: Tensor) => Tensor;
    indexFill: (self: Tensor, dim: number, index: Tensor, value: number) => Tensor;
    take: (self: Tensor, index: Tensor) => Tensor;
    nonzero: indexing.Nonzero;
    maskedSelect: (self: Tensor, mask: Tensor) => Tensor;
    at: typeof at.at;
    setAt: typeof at.setAt;
    indexPut: typeof at.indexPut;
};
declare const matrixMethods: {
    mm: (self: Tensor, other: Tensor) => Tensor;
    bmm: (self: Tensor, other: Tensor) => Tensor;
    mv: (self: Tensor, other: Tensor) => Tensor;
    dot: (self: Tensor, other: Tensor) => Tensor;
    outer: (self: Tensor, other: Tensor) => Tensor;
    matmul: (self: Tensor, other: Tensor) => Tensor;
    addmm: (self: Tensor, mat1: Tensor, mat2: Tensor, options?: {
        beta?: number;
        alpha?: number;
    }) => Tensor;
    baddbmm: (self: Tensor, batch1: Tensor, batch2: Tensor, options?: {
        beta?: number;
        alpha?: number;
    }) => Tensor;
    softmax: (self: Tensor, dim: number | {
        dim?: number;
        dtype?: import("@kindling/storage").DType | null;
    }, options?: {
        dim?: number;
        dtype?: import("@kindling/storage").DType | null;
    }) => Tensor;
    logSoftmax: (self: Tensor, dim: number | {
        dim?: number;
        dtype?: import("@kindling/storage").DType | null;
    }, options?: {
        dim?: number;
        dtype?: import("@kindling/storage").DType | null;
    }) => Tensor;
};
declare const randomMethods: {
    uniform_: (self: Tensor, from?: number | ({
        from?: number;
        to?: number;
    } & {
        generator?: import("@kindling/storage").Generator | null;
    }), to?: number | {
        generator?: import("@kindling/storage").Generator | null;
    }, options?: {
        generator?: import("@kindling/storage").Generator | null;
    }) => Tensor;
    normal_: (self: Tensor, mean?: number | ({
        mean?: number;
        std?: number;
    } & {
        generator?: import("@kindling/storage").Generator | null;
    }), std?: number | {
        generator?: import("@kindling/storage").Generator | null;
    }, options?: {
        generator?: import("@kindling/storage").Generator | null;
    }) => Tensor;
    exponential_: (self: Tensor, lambd?: number | ({
        lambd?: number;
    } & {
        generator?: import("@kindling/storage").Generator | null;
    }), options?: {
        generator?: import("@kindling/storage").Generator | null;
    }) => Tensor;
    bernoulli_: (self: Tensor, p?: number | Tensor | ({
        p?: number | Tensor;
    } & {
        generator?: import("@kindling/storage").Generator | null;
    }), options?: {
        generator?: import("@kindling/storage").Generator | null;
    }) => Tensor;
    bernoulli: (self: Tensor, p?: number | {
        generator?: import("@kindling/storage").Generator | null;
    }, options?: {
        generator?: import("@kindling/storage").Generator | null;
    }) => Tensor;
    multinomial: (input: Tensor, numSamples: number, replacement?: boolean | ({
        replacement?: boolean;
    } & {
        generator?: import("@kindling/storage").Generator | null;
    }), options?: {
        generator?: import("@kindling/storage").Generator | null;
    }) => Tensor;
};
declare const readingMethods: {
    item: typeof item;
    tolist: typeof tolist;
    toTypedArray: typeof toTypedArray;
};
declare const graphMethods: {
    registerHook: typeof registerHook;
    registerPostAccumulateGradHook: typeof registerPostAccumulateGradHook;
    retainGrad: typeof retainGrad;
    retainsGrad: typeof retainsGrad;
};
/** The first parameter of an operator is the tensor whose method it becomes. */
type Method<F> = F extends {
    (self: Tensor, ...args: infer A1): infer R1;
    (self: Tensor, ...args: infer A2): infer R2;
    (self: Tensor, ...args: infer A3): infer R3;
} ? {
    (...args: A1): R1;
    (...args: A2): R2;
    (...args: A3): R3;
} : F extends (self: infer _S, ...args: infer A) => infer R ? (...args: A) => R : never;
type MethodsOf<T> = {
    readonly [K in keyof T]: Method<T[K]>;
};
interface PointwiseMethods extends MethodsOf<typeof pointwiseMethods> {
}
interface CompareMethods extends MethodsOf<typeof compareMethods> {
}
interface ConditionalMethods extends MethodsOf<typeof conditionalMethods> {
}
interface ReductionMethods extends MethodsOf<typeof reductionMethods> {
}
interface OrderMethods extends MethodsOf<typeof orderMethods> {
}
interface ViewMethods extends MethodsOf<typeof viewMethods> {
}
interface ShapeMethods extends MethodsOf<typeof shapeMethods> {
}
interface IndexingMethods extends MethodsOf<typeof indexingMethods> {
}
interface MatrixMethods extends MethodsOf<typeof matrixMethods> {
}
interface RandomMethods extends MethodsOf<typeof randomMethods> {
}
interface ReadingMethods extends MethodsOf<typeof readingMethods> {
}
interface GraphMethods extends MethodsOf<typeof graphMethods> {
}
interface InPlaceMethods extends MethodsOf<typeof inPlace> {
}
/** What `backward` takes besides the gradient. */
export type BackwardMethodOptions = Omit<BackwardOptions, "gradTensors"> & {
    gradient?: Tensor | null;
};
/** All methods that tensors get from the operators. */
export interface TensorMethods extends PointwiseMethods, CompareMethods, ConditionalMethods, ReductionMethods, OrderMethods, ViewMethods, ShapeMethods, IndexingMethods, MatrixMethods, RandomMethods, ReadingMethods, GraphMethods, InPlaceMethods {
    /**
     * Accumulates the gradient of this tensor into the `grad` of the leaves it came from. `gradient` may be absent for a tensor
     * of one element.
     * @throws AutogradError for a second pass through a freed graph, a non-scalar without a gradient, a changed saved value.
     */
    backward(gradient?: Tensor | null | BackwardMethodOptions, options?: BackwardMethodOptions): void;
    /** The last two dimensions exchanged, as a view. */
    readonly mT: Tensor;
    /** All dimensions in reverse order, as a view. */
    readonly T: Tensor;
    /** The tensor as PyTorch prints it. */
    toString(): string;
}
export {};
