const SPACE = /[ \t\n\r]*/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORD = /true|false|null/y;
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON forbids exactly these within a string
const STRING_BODY = /(?:[^"\\\u0000-\u001f]+|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*/y;

type Expected = "value" | "value-or-end" | "key" | "key-or-end" | "comma-or-end" | "nothing";

/** The offset (in UTF-16 units) where a text stops to be JSON; undefined where it is valid. */
export function findJsonFault(text: string): number | undefined {
  const open: ("[" | "{")[] = [];
  let at = 0;
  let expected: Expected = "value";

  const skip = (pattern: RegExp): boolean => {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    at += match?.[0].length ?? 0;
    return match !== null && match[0] !== "";
  };
  const skipString = (): boolean => {
    at += 1;
    skip(STRING_BODY);
    if (text[at] !== '"') {
      return false;
    }
    at += 1;
    return true;
  };
  const afterValue = (): Expected => (open.length === 0 ? "nothing" : "comma-or-end");

  for (;;) {
    skip(SPACE);
    const char = text[at];
    if (char === undefined) {
      return expected === "nothing" ? undefined : at;
    }
    const mayEnd = expected.endsWith("or-end");
    if (mayEnd && char === (open.at(-1) === "[" ? "]" : "}")) {
      at += 1;
      open.pop();
      expected = afterValue();
    } else if (expected === "comma-or-end") {
      if (char !== ",") {
        return at;
      }
      at += 1;
      expected = open.at(-1) === "[" ? "value" : "key";
    } else if (expected === "key" || expected === "key-or-end") {
      if (char !== '"' || !skipString()) {
        return at;
      }
      skip(SPACE);
      if (text[at] !== ":") {
        return at;
      }
      at += 1;
      expected = "value";
    } else if (expected === "nothing") {
      return at;
    } else if (char === "[" || char === "{") {
      at += 1;
      open.push(char);
      expected = char === "[" ? "value-or-end" : "key-or-end";
    } else if (char === '"') {
      if (!skipString()) {
        return at;
      }
      expected = afterValue();
    } else if (skip(NUMBER) || skip(WORD)) {
      expected = afterValue();
    } else {
      return at;
    }
  }
}
