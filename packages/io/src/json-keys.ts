/** Keys of one object. Most have few: a list of them costs a tenth of a set. */
class Keys {
  readonly #few: string[] = [];
  #many: Set<string> | null = null;

  /** Whether the key was new. */
  add(key: string): boolean {
    if (this.#many === null) {
      if (this.#few.includes(key)) return false;
      if (this.#few.push(key) > 8) this.#many = new Set(this.#few);
      return true;
    }
    const { size } = this.#many;
    return this.#many.add(key).size > size;
  }
}

/** The first key that an object in valid JSON has twice, at any depth: `JSON.parse` would keep the last one silently. */
export function repeatedKey(json: string): string | null {
  const open: (Keys | null)[] = []; // keys of the objects around, null for arrays
  let keyNext = false;
  for (let i = 0; i < json.length; i++) {
    switch (json[i]) {
      case "{":
        open.push(new Keys());
        keyNext = true;
        break;
      case "[":
        open.push(null);
        keyNext = false;
        break;
      case "}":
      case "]":
        open.pop();
        keyNext = false;
        break;
      case ",":
        keyNext = open.at(-1) !== null;
        break;
      case '"': {
        const start = i;
        let escaped = false;
        for (i++; json[i] !== '"'; i++) {
          if (json[i] !== "\\") continue;
          escaped = true;
          i++;
        }
        if (!keyNext) break;
        const key: string = escaped ? JSON.parse(json.slice(start, i + 1)) : json.slice(start + 1, i);
        if (!(open.at(-1) as Keys).add(key)) return key;
        keyNext = false;
      }
    }
  }
  return null;
}
