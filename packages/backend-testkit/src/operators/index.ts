/*
 * The operators above the contract, each with calls that any device should answer alike.
 */

export type { Case, Operator, Table } from "./case.js";
export { callOf, namesOther, type Outcome, outcome, placed } from "./outcome.js";
export {
  asMethod,
  families,
  functions,
  isFunction,
  isMethod,
  methodOf,
  prototype,
  run,
  table,
  writes,
} from "./table.js";
