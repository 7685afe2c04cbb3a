import fc from "fast-check";
import { expect, test } from "vitest";
import { matchesPath, matchesText, mayMatchBelow } from "./glob.ts";

test.each([
  ["src/a.ts", "src/a.ts", true],
  ["src/*.ts", "src/a.ts", true],
  ["src/*.ts", "src/b/a.ts", false],
  ["src/?.ts", "src/a.ts", true],
  ["src/?.ts", "src/ab.ts", false],
  ["src/?.ts", "src/😀.ts", true],
  ["src/**", "src/a.ts", true],
  ["src/**", "src/b/c/a.ts", true],
  ["src/**", "src", true],
  ["src/**", "srcs/a.ts", false],
  ["src/**", "lib/src/a.ts", false],
  ["**/a.ts", "a.ts", true],
  ["**/a.ts", "x/y/a.ts", true],
  ["**/a.ts", "x/ya.ts", false],
  ["a/**/b", "a/b", true],
  ["a/**/b", "a/x/y/b", true],
  ["a/**/b", "a/x/y/bb", false],
  ["a**", "ab/c", false],
  ["**", ".", true],
  ["**", "a/b", true],
  ["*", ".", false],
  ["*", ".env", true],
  ["*", "a/b", false],
  ["[ab].ts", "a.ts", false],
  ["[ab].ts", "[ab].ts", true],
  ["a.ts", "axts", false],
  ["{a,b}", "a", false],
] as const)("path pattern %s and %s: %s", (pattern, path, fits) => {
  expect(matchesPath(pattern, path)).toBe(fits);
});

test.each([
  ["npm *", "npm test", true],
  ["npm *", "npm run a/b", true],
  ["npm *", "npm test; rm x", false],
  ["npm ?est", "npm ;est", false],
  ["npm **", "npm test; rm x", true],
  ["npm * --now", "npm a b --now", true],
  ["npm *", "npm", false],
  ["", "", true],
  ["*", "", true],
  ["", "a", false],
] as const)("text pattern %j, stopped by a semicolon, and %j: %s", (pattern, text, fits) => {
  expect(matchesText(pattern, text, ";")).toBe(fits);
});

test.each([
  ["src/**", ".", true],
  ["src/a/b", "src", true],
  ["**/.env", "src", true],
  ["src/a", "lib", false],
  ["src/a", "src/a", false],
] as const)("something below %2$s may match %1$s", (pattern, path, may) => {
  expect(mayMatchBelow(pattern, path)).toBe(may);
});

test("text without wildcards matches itself and nothing else", () => {
  const plain = fc.string({ unit: fc.constantFrom(..."ab/.[]()+$^\\{}|;") });
  fc.assert(
    fc.property(plain, plain, (pattern, text) => {
      expect(matchesText(pattern, text)).toBe(pattern === text);
    }),
  );
});

test("patterns say the same as a regular expression made of them", () => {
  const pattern = fc.string({ unit: fc.constantFrom("a", "b", ";", "*", "?"), maxLength: 8 });
  const text = fc.string({ unit: fc.constantFrom("a", "b", ";"), maxLength: 8 });
  fc.assert(
    fc.property(pattern, text, (given, tried) => {
      const source = given.replace(/\*\*+|\*|\?/g, (wild) =>
        wild === "?" ? "[^;]" : wild === "*" ? "[^;]*" : ".*",
      );
      expect(matchesText(given, tried, ";")).toBe(new RegExp(`^(?:${source})$`, "s").test(tried));
    }),
  );
});

test("no pattern makes matching explode", () => {
  expect(matchesText(`${"*a".repeat(60)}b`, "a".repeat(4000))).toBe(false);
  expect(matchesPath(`${"**/a/".repeat(60)}b`, "a/".repeat(2000).slice(0, -1))).toBe(false);
});
