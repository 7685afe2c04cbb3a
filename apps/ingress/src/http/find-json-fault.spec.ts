import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { findJsonFault } from "./find-json-fault.ts";

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

describe("where JSON breaks", () => {
  it.each([
    ['{"a":', 5],
    ['{"a": nope}', 6],
    ['{"a":1,}', 7],
    ["[1,,2]", 3],
    ["{'a':1}", 1],
    ['{"a" 1}', 5],
    ['{"a":"\n"}', 6],
    ['{"a":"x', 7],
    ['{"a":1}}', 7],
    ["", 0],
    ["[01]", 2],
  ])("%j breaks at %i", (text, offset) => {
    expect(findJsonFault(text)).toBe(offset);
  });

  it("agrees with the parser on every text, valid or damaged", () => {
    const damaged = fc
      .tuple(fc.json(), fc.nat(), fc.string({ maxLength: 3 }))
      .map(([json, at, inserted]) => {
        const cut = json.length === 0 ? 0 : at % json.length;
        return json.slice(0, cut) + inserted + json.slice(cut + 1);
      });
    fc.assert(
      fc.property(fc.oneof(fc.json(), damaged, fc.string()), (text) => {
        expect(findJsonFault(text) === undefined).toBe(isJson(text));
      }),
      { numRuns: 2000 },
    );
  });
});
