/** The first key that an object in valid JSON has twice, at any depth: `JSON.parse` would keep the last one silently. */
export function repeatedKey(json: string): string | null {
  const open: (Set<string> | null)[] = []; // keys of the objects around, null for arrays
  let keyNext = false;
  for (let i = 0; i < json.length; i++) {
    switch (json[i]) {
      case "{":
        open.push(new Set());
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
        for (i++; json[i] !== '"'; i++) if (json[i] === "\\") i++;
        if (!keyNext) break;
        const key: string = JSON.parse(json.slice(start, i + 1));
        const keys = open.at(-1) as Set<string>;
        if (keys.has(key)) return key;
        keys.add(key);
        keyNext = false;
      }
    }
  }
  return null;
}
