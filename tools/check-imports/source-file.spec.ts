import { expect, test } from "vitest";
import { parseSource } from "./source-file.ts";

const targets = (text: string) =>
  parseSource("packages/a/src/deep/file.ts", text).references.map(
    ({ kind, line, target }) => `${line} ${kind} ${target}`,
  );

test("every way to import is read", () => {
  const text = [
    'import a from "one";',
    "import {",
    "  b,",
    "  type C,",
    '} from "two";',
    'import * as d from "three";',
    'import "four";',
    'export { e } from "five";',
    'export * from "six";',
    'const f = await import("seven");',
    'const g = new URL("./eight.ts", import.meta.url);',
  ].join("\n");
  expect(targets(text)).toEqual([
    "1 import one",
    "2 import two",
    "6 import three",
    "7 import four",
    "8 import five",
    "9 import six",
    "10 import seven",
    "11 url packages/a/src/deep/eight.ts",
  ]);
});

test("imports of types are told apart from those of values", () => {
  const text =
    'import type { A } from "one";\nexport type { B } from "two";\nimport { type C } from "three";';
  expect(targets(text)).toEqual(["1 type one", "2 type two", "3 import three"]);
});

test("relative paths are told from the root of the repository", () => {
  expect(targets('import "../x.ts";\nimport "../../../b/src/y.ts";')).toEqual([
    "1 import packages/a/src/x.ts",
    "2 import packages/b/src/y.ts",
  ]);
});

test("what stands in comments is no import, and lines after them keep their numbers", () => {
  const text = '/**\n * import "one";\nimport "two";\n */\n// import "three";\nimport "four";';
  expect(targets(text)).toEqual(["6 import four"]);
});

test("tests, spec files and the test kit are not production", () => {
  const production = (path: string) => parseSource(path, "").production;
  expect(production("packages/a/src/file.ts")).toBe(true);
  expect(production("apps/a/src/file.ts")).toBe(true);
  expect(production("packages/a/src/file.spec.ts")).toBe(false);
  expect(production("packages/a/test/file.ts")).toBe(false);
  expect(production("packages/testkit/src/file.ts")).toBe(false);
  expect(production("bench/file.ts")).toBe(false);
});
