/** What the header of an `.npy` file is made of. */
export type Literal = string | boolean | number | null | Literal[] | Map<string, Literal>;

/** Brackets within brackets, of which a header has three at most. */
const DEEPEST = 20;

/** Reads a Python literal of strings, whole numbers, booleans, tuples, lists and dictionaries. @throws SyntaxError for all else */
export function literal(text: string): Literal {
  const token = /\s*(?:(['"])((?:(?!\1)[^\\\n])*)\1|(\d{1,20})L?(?!\w)|(True|False|None)(?!\w)|([()[\]{},:]))/y;
  let punctuation: string = "";
  let value: Literal = null;
  const next = (): void => {
    const found = token.exec(text);
    if (found === null) throw new SyntaxError("not a Python literal that is understood");
    punctuation = found[5] ?? "";
    if (found[2] !== undefined) value = found[2];
    else if (found[3] !== undefined) value = Number(found[3]);
    else value = found[4] === "None" ? null : found[4] === "True";
  };
  const is = (mark: string): boolean => punctuation === mark;
  const many = (close: string, depth: number): Literal => {
    const items: Literal[] = [];
    let single = close === ")"; // (x) is x, (x,) a tuple
    for (next(); !is(close); ) {
      items.push(one(depth));
      next();
      if (is(close)) break;
      if (!is(",")) throw new SyntaxError(`a comma or ${close} is missing`);
      single = false;
      next();
    }
    return single && items.length === 1 ? items[0] : items;
  };
  const pairs = (depth: number): Literal => {
    const map = new Map<string, Literal>();
    for (next(); !is("}"); ) {
      const key = one(depth);
      next();
      if (typeof key !== "string" || !is(":")) throw new SyntaxError("a key of the dictionary is no string");
      if (map.has(key)) throw new SyntaxError(`the key '${key}' is there twice`);
      next();
      map.set(key, one(depth));
      next();
      if (is("}")) break;
      if (!is(",")) throw new SyntaxError("a comma or } is missing");
      next();
    }
    return map;
  };
  /** The literal whose first token has been read. */
  const one = (depth: number): Literal => {
    if (depth > DEEPEST) throw new SyntaxError(`nested more than ${DEEPEST} deep`);
    if (punctuation === "") return value;
    if (punctuation === "(") return many(")", depth + 1);
    if (punctuation === "[") return many("]", depth + 1);
    if (punctuation === "{") return pairs(depth + 1);
    throw new SyntaxError(`'${punctuation}' where a value should be`);
  };
  next();
  const read = one(0);
  if (text.slice(token.lastIndex).trim() !== "") throw new SyntaxError("something behind its end");
  return read;
}
