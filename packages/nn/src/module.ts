import {
  ArgumentError,
  type DType,
  DTypeError,
  empty,
  isFloat,
  isTensor,
  KindlingError,
  noGrad,
  type RemovableHandle,
  type Tensor,
} from "@kindling/autograd";
import type { Cut } from "./args.js";
import { DEEPCOPY, deepcopy } from "./copy.js";
import {
  bindMembers,
  bindNamed,
  bindNamedModules,
  bindPersistent,
  bindState,
  bindStrict,
  bindZeroGrad,
  type NamedArgs,
  type NamedModulesArgs,
} from "./module-args.js";
import {
  addHook,
  type ForwardHook,
  type ForwardPreHook,
  type FullBackwardHook,
  type FullBackwardPreHook,
  type HookOptions,
} from "./module-hooks.js";
import { checkName, distinct, join, kindOf, lastOf, leafAt, member, membersOf } from "./module-names.js";
import { Buffer, isBuffer, isParameter, type Parameter } from "./parameter.js";
import { type Placement, placement } from "./placement.js";
import { indented } from "./repr.js";
import { collectState, type IncompatibleKeys, loadState, type StateDict } from "./state-dict.js";
import { summarize } from "./summary.js";

/** What a module's own fields register. */
export type Registered = Parameter | Buffer | Module;

/** Key of the method that lists what is registered directly in a module; it marks modules of every copy of this package. */
export const REGISTERED: unique symbol = Symbol.for("kindling.nn.registered") as never;

/** Whether a value is a module, of this or of another copy of the package. */
export const isModule = (value: unknown): value is Module =>
  typeof value === "object" && value !== null && typeof (value as Module)[REGISTERED] === "function";

// biome-ignore lint/suspicious/noExplicitAny: each module has arguments and results of its own
type Any = any;
/**
 * Base of all layers and networks. A subclass holds parameters (`Parameter`), buffers (`Buffer`) and other modules in fields
 * of its own, and computes in `forward`. What is registered is found by looking at the fields when it is asked for; plain
 * tensors, arrays and `#private` fields are not looked into.
 *
 * @example
 * class Net extends nn.Module {
 *   hidden = new nn.Linear(10, 32);
 *   out = new nn.Linear(32, 2);
 *   forward(x) { return this.out.forward(this.hidden.forward(x).tanh()); }
 * }
 * const net = new Net();
 * net.forward(rand(5, 10)).shape; // [5, 2]
 */
export class Module {
  /** Whether the module is in training mode, which matters to dropout and batch normalisation. */
  training = true;

  /** Computes the result; this is how a module is called. */
  forward(..._args: Any[]): Any {
    throw new KindlingError(`Module [${this.constructor.name}] is missing the required "forward" function`);
  }

  /** What is registered directly here, in order. Containers override it. */
  [REGISTERED](): [name: string, value: Registered][] {
    const registered: [string, Registered][] = [];
    for (const name of Object.keys(this)) {
      const value = (this as unknown as Record<string, unknown>)[name];
      if (isParameter(value) || isBuffer(value) || isModule(value)) registered.push([name, value]);
    }
    return registered;
  }

  // ------------------------------------------------------------------------------------------------ the tree

  /** This module and all below it, each once, parents first. */
  modules(): Module[] {
    return this.namedModules().map(([, module]) => module);
  }

  /**
   * This module (under the name `prefix`) and all below it, each once under its first name, or with `removeDuplicate: false`
   * under each of its names.
   */
  namedModules(...args: NamedModulesArgs): [name: string, module: Module][] {
    const [prefix, removeDuplicate] = bindNamedModules(args);
    const seen = new Set<Module>();
    const out: [string, Module][] = [];
    const visit = (name: string, module: Module): void => {
      if (removeDuplicate && seen.has(module)) return;
      seen.add(module);
      out.push([name, module]);
      for (const [child, value] of module[REGISTERED]()) if (isModule(value)) visit(join(name, child), value);
    };
    visit(prefix, this);
    return out;
  }

  /** The modules directly in this one, each once. */
  children(): Module[] {
    return this.namedChildren().map(([, module]) => module);
  }

  /** The modules directly in this one, each once under its first name. */
  namedChildren(): [name: string, module: Module][] {
    return distinct(this[REGISTERED]().filter((entry): entry is [string, Module] => isModule(entry[1])));
  }

  /** The parameters of this module and, unless `recurse` is false, of all below it, each once. */
  parameters(...args: Cut<[recurse: boolean], { recurse?: boolean }>): Parameter[] {
    return membersOf(this, isParameter, "", bindMembers(args)[0]).map(([, parameter]) => parameter);
  }

  /**
   * `parameters()` with their names, such as `"0.weight"`; `prefix` is put in front. With `removeDuplicate: false` one that
   * is held twice is listed twice.
   */
  namedParameters(...args: NamedArgs): [name: string, parameter: Parameter][] {
    return membersOf(this, isParameter, ...bindNamed(args));
  }

  /** The buffers of this module and, unless `recurse` is false, of all below it, each once. */
  buffers(...args: Cut<[recurse: boolean], { recurse?: boolean }>): Buffer[] {
    return membersOf(this, isBuffer, "", bindMembers(args)[0]).map(([, buffer]) => buffer);
  }

  /** `buffers()` with their names, as `namedParameters` lists parameters. */
  namedBuffers(...args: NamedArgs): [name: string, buffer: Buffer][] {
    return membersOf(this, isBuffer, ...bindNamed(args));
  }

  /** The module at a dotted path such as `"encoder.0"`; `""` is this module. */
  getSubmodule(target: string): Module {
    if (target === "") return this;
    return target.split(".").reduce<Module>((module, name) => {
      const found = member(module, name);
      if (!isModule(found)) throw new ArgumentError(`\`${name}\` is not an nn.Module`, { target });
      return found;
    }, this);
  }

  /** The parameter at a dotted path such as `"encoder.0.weight"`. */
  getParameter(target: string): Parameter {
    const found = leafAt(this, target);
    if (!isParameter(found)) throw new ArgumentError(`\`${lastOf(target)}\` is not an nn.Parameter`, { target });
    return found;
  }

  /** The buffer at a dotted path such as `"norm.running_mean"`. */
  getBuffer(target: string): Buffer {
    const found = leafAt(this, target);
    if (!isBuffer(found)) throw new ArgumentError(`\`${lastOf(target)}\` is not a buffer`, { target });
    return found;
  }

  // --------------------------------------------------------------------------------------------- registration

  /** Sets the field `name` to a parameter; `null` keeps the name for an absent one. */
  registerParameter(name: string, parameter: Parameter | null): void {
    checkName(this, "parameter", name, isParameter);
    if (parameter !== null && !isParameter(parameter)) {
      throw new ArgumentError(
        `cannot assign '${kindOf(parameter)}' object to parameter '${name}' (nn.Parameter or null required)`,
        { attribute: name },
      );
    }
    setField(this, name, parameter);
  }

  /** Sets the field `name` to a buffer made of `tensor`; `null` keeps the name for an absent one. */
  registerBuffer(
    name: string,
    tensor: Tensor | null,
    ...options: Cut<[persistent: boolean], { persistent?: boolean }>
  ): void {
    checkName(this, "buffer", name, isBuffer);
    if (tensor !== null && !isTensor(tensor)) {
      throw new ArgumentError(
        `cannot assign '${kindOf(tensor)}' object to buffer '${name}' (Tensor or null required)`,
        { attribute: name },
      );
    }
    const [persistent] = bindPersistent(options);
    setField(this, name, tensor === null ? null : new Buffer(tensor, { persistent }));
  }

  /** Sets the field `name` to a module; `null` keeps the name for an absent one. */
  registerModule(name: string, module: Module | null): void {
    if (module !== null && !isModule(module)) throw new ArgumentError(`${kindOf(module)} is not a Module subclass`);
    checkName(this, "module", name, isModule);
    setField(this, name, module);
  }

  /** The same as `registerModule`. */
  addModule(name: string, module: Module | null): void {
    this.registerModule(name, module);
  }

  // ---------------------------------------------------------------------------------------------------- modes

  /** Puts this module and all below it in training mode (or, with `false`, in evaluation mode). */
  train(mode = true): this {
    if (typeof mode !== "boolean") throw new ArgumentError("training mode is expected to be boolean");
    this.training = mode;
    for (const child of this.children()) child.train(mode);
    return this;
  }

  /** Puts this module and all below it in evaluation mode. */
  eval(): this {
    return this.train(false);
  }

  /** Sets `requiresGrad` of all parameters: `false` freezes the module. */
  requiresGrad_(requiresGrad = true): this {
    for (const parameter of this.parameters()) parameter.requiresGrad_(requiresGrad);
    return this;
  }

  /** Sets the gradients of all parameters to `null`, or with `setToNull: false` those that are there to zeros. */
  zeroGrad(...args: Cut<[setToNull: boolean], { setToNull?: boolean }>): void {
    const [setToNull] = bindZeroGrad(args);
    for (const parameter of this.parameters()) {
      parameter.grad = setToNull ? null : (parameter.grad?.detach().zero_() ?? null);
    }
  }

  /** Calls `fn` with every module below, children first, and then with this one. */
  apply(fn: (module: Module) => void): this {
    for (const child of this.children()) child.apply(fn);
    fn(this);
    return this;
  }

  // ----------------------------------------------------------------------------------------- dtype and device

  /**
   * Converts floating point parameters and buffers to a dtype, and moves all of them to a device: `to("float64")`,
   * `to("webgpu")`, `to(tensor)`, `to({ dtype, device })`. Parameters stay the objects they are, so optimizers need not know;
   * their gradients follow. int64 becomes int32 on a device that has no int64.
   * @throws DTypeError for a dtype that is not floating point
   */
  to(target: DType | string | Tensor | Placement, more?: DType | Placement): this {
    const [dtype, device] = placement(target, more);
    if (dtype !== null && !isFloat(dtype)) {
      throw new DTypeError(`nn.Module.to only accepts floating point dtypes, but got desired dtype=${dtype}`, {
        dtype,
      });
    }
    const narrow = device !== null && !empty(0, { device }).storage.device.dtypes.has("int64");
    const convert = (t: Tensor): Tensor => {
      if (t.isFloatingPoint()) return t.to({ dtype, device });
      return (narrow && t.dtype === "int64" ? t.to("int32") : t).to({ device });
    };
    return noGrad(() => {
      for (const t of movable(this)) t.data = convert(t.data);
      return this;
    });
  }

  /** All parameters and buffers as float32. */
  float(): this {
    return this.to("float32");
  }

  /** All parameters and buffers as float64. */
  double(): this {
    return this.to("float64");
  }

  /** All parameters and buffers as float16. */
  half(): this {
    return this.to("float16");
  }

  /** All parameters and buffers as bfloat16. */
  bfloat16(): this {
    return this.to("bfloat16");
  }

  /** Brings all parameters and buffers to the `cpu`, from any device. */
  async cpu(): Promise<this> {
    for (const t of movable(this)) t.data = await t.data.cpu();
    return this;
  }

  // ---------------------------------------------------------------------------------------------------- state

  /**
   * All parameters and persistent buffers by their dotted names, in PyTorch's order and spelling; `prefix` is put in front.
   * The values are detached and share the module's memory; with `keepVars` they are the parameters and buffers themselves.
   */
  stateDict(...args: Cut<[prefix: string], { prefix?: string; keepVars?: boolean }>): StateDict {
    return collectState(this, ...bindState(args));
  }

  /**
   * Copies the tensors of a state dict, an object or a `Map`, into the parameters and buffers of the same names.
   * @throws KindlingError that lists all missing and unexpected names (unless `strict` is false) and all sizes that differ
   */
  loadStateDict(
    dict: StateDict | ReadonlyMap<string, Tensor>,
    ...options: Cut<[strict: boolean], { strict?: boolean }>
  ): IncompatibleKeys {
    return loadState(this, dict, bindStrict(options)[0]);
  }

  /** What `deepcopy` gives, for packages that copy modules without knowing this one. A class may override it. */
  [DEEPCOPY](): this {
    return deepcopy(this);
  }

  // ---------------------------------------------------------------------------------------------------- hooks

  /**
   * Calls `hook(module, args)` before each `forward`; what it returns takes the place of the arguments. Here and below
   * `prepend` puts a hook before those that are there.
   */
  registerForwardPreHook(hook: ForwardPreHook, options?: HookOptions): RemovableHandle {
    return addHook(this, "forwardPre", hook, options);
  }

  /** Calls `hook(module, args, output)` after each `forward`; what it returns takes the place of the output. */
  registerForwardHook(hook: ForwardHook, options?: HookOptions): RemovableHandle {
    return addHook(this, "forward", hook, options);
  }

  /** Calls `hook(module, gradOutput)` before each backward pass through the module; an array takes the place of `gradOutput`. */
  registerFullBackwardPreHook(hook: FullBackwardPreHook, options?: HookOptions): RemovableHandle {
    return addHook(this, "fullBackwardPre", hook, options);
  }

  /**
   * Calls `hook(module, gradInput, gradOutput)` in each backward pass through the module; an array that it returns takes the
   * place of `gradInput`. Inputs and outputs may then not be changed in place.
   */
  registerFullBackwardHook(hook: FullBackwardHook, options?: HookOptions): RemovableHandle {
    return addHook(this, "fullBackward", hook, options);
  }

  // ------------------------------------------------------------------------------------------------- printing

  /** The settings that are shown when the module is printed; for subclasses to override. */
  extraRepr(): string {
    return "";
  }

  /** The module and all below it as a tree. */
  toString(): string {
    const extra = this.extraRepr();
    const settings = extra === "" ? [] : extra.split("\n");
    const children = this[REGISTERED]().flatMap(([name, value]) =>
      isModule(value) ? [`(${name}): ${indented(value.toString())}`] : [],
    );
    const lines = [...settings, ...children];
    const body =
      settings.length === 1 && children.length === 0 ? extra : lines.length > 0 ? `\n  ${lines.join("\n  ")}\n` : "";
    return `${this.constructor.name}(${body})`;
  }

  /**
   * A table of this module and all below it: the shapes of their results when it runs on `inputs` (once, in evaluation mode), and how
   * many numbers they learn. Without inputs, the numbers alone.
   *
   * @example
   * console.log(net.summary(randn(1, 3, 32, 32)));
   */
  summary(...inputs: unknown[]): string {
    return summarize(this, inputs);
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }
}

/** Sets a field that is named by data. */
function setField(module: Module, name: string, value: unknown): void {
  (module as unknown as Record<string, unknown>)[name] = value;
}

/** Everything that moves: parameters, their gradients, buffers. */
function movable(module: Module): Tensor[] {
  const parameters = module.parameters();
  return [...parameters, ...parameters.flatMap((p) => p.grad ?? []), ...module.buffers()];
}
