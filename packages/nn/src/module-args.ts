import { binder, type Cut } from "./args.js";

/*
 * How the arguments of a module's methods are given: by position, or in one object.
 */

type Unique = { removeDuplicate?: boolean };
type Members = { prefix?: string; recurse?: boolean } & Unique;
export type NamedArgs = Cut<[prefix: string, recurse: boolean, removeDuplicate: boolean], Members>;
export type NamedModulesArgs = Cut<[prefix: string, removeDuplicate: boolean], { prefix?: string } & Unique>;

export const bindNamed = binder<[prefix: string, recurse: boolean, removeDuplicate: boolean]>(
  'named(prefix="", recurse=true, removeDuplicate=true)',
);
export const bindNamedModules = binder<[prefix: string, removeDuplicate: boolean]>(
  'namedModules(prefix="", removeDuplicate=true)',
);
export const bindMembers = binder<[recurse: boolean]>("members(recurse=true)");
export const bindPersistent = binder<[persistent: boolean]>("registerBuffer(persistent=true)");
export const bindZeroGrad = binder<[setToNull: boolean]>("zeroGrad(setToNull=true)");
export const bindState = binder<[prefix: string, keepVars: boolean]>('stateDict(prefix="", *, keepVars=false)');
export const bindStrict = binder<[strict: boolean]>("loadStateDict(strict=true)");
