import { binder, type Cut } from "./args.js";
import { Module } from "./module.js";

/*
 * What activations have in common. `inplace` overwrites the input.
 */

export type InPlace = { inplace?: boolean };
export type InPlaceArgs = Cut<[inplace: boolean], InPlace>;

const bindInPlace = binder<[inplace: boolean]>("activation(inplace=false)");

/** Activations whose only setting is `inplace`. */
export abstract class InPlaceActivation extends Module {
  readonly inplace: boolean;

  constructor(...args: InPlaceArgs) {
    const [inplace] = bindInPlace(args);
    super();
    this.inplace = inplace;
  }

  override extraRepr(): string {
    return this.inplace ? "inplace=true" : "";
  }
}

export const inplaceOf = (module: { inplace: boolean }): { inplace?: boolean } =>
  module.inplace ? { inplace: true } : {};
