import fc from "fast-check";
import { expect, test } from "vitest";
import { createJsonLines } from "./json-lines.ts";

function filterAll(chunks: readonly Uint8Array[]) {
  const lines = createJsonLines();
  const kept = chunks.flatMap((chunk) => lines.filter(chunk));
  return { text: Buffer.concat(kept).toString("utf8"), lines };
}

test("lines that cannot be an object are left out and counted, the first one shown", () => {
  const { text, lines } = filterAll([
    Buffer.from('Welcome!\n{"a":1}\n  \r\n[1]\n \t{"b":2}\n\u001b[31mred\n'),
  ]);
  expect(text).toBe('{"a":1}\n \t{"b":2}\n');
  expect(lines.dropped).toBe(3);
  expect(lines.sample).toBe("Welcome!");
});

test("where the chunks are cut makes no difference to what goes through", () => {
  const line = fc.constantFrom('{"ä":"ü"}', "", " ", "noise {", "[]", '  {"x":1}', "ö".repeat(300));
  fc.assert(
    fc.property(fc.array(line), fc.array(fc.nat(40)), fc.boolean(), (all, cuts, ended) => {
      const bytes = Buffer.from(all.join("\n") + (ended ? "\n" : ""));
      const pieces: Buffer[] = [];
      let at = 0;
      for (const cut of cuts) {
        pieces.push(bytes.subarray(at, at + cut));
        at += cut;
      }
      pieces.push(bytes.subarray(at));
      const { text, lines } = filterAll(pieces);
      const objects = (value: string) =>
        value
          .split("\n")
          .map((part) => part.trim())
          .filter((part) => part.startsWith("{"));
      expect(objects(text)).toEqual(objects(all.join("\n")));
      expect(lines.dropped).toBe(all.filter((part) => /^[^{\s]/.test(part)).length);
      expect(text).not.toContain("noise");
    }),
  );
});

test("a long line of noise is not kept", () => {
  const lines = createJsonLines();
  for (let index = 0; index < 1000; index += 1) {
    expect(lines.filter(Buffer.alloc(10_000, "x"))).toEqual([]);
  }
  expect(lines.sample).toHaveLength(200);
  expect(lines.dropped).toBe(1);
});
