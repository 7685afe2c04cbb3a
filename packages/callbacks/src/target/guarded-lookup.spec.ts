import type { LookupAddress } from "node:dns";
import { expect, it } from "vitest";
import { guardedLookup } from "./guarded-lookup.ts";

type Answer = readonly [error: Error | null, address: unknown];

/** What a connection is told that looks a name up, with a resolver that answers another way each time. */
function lookUp(all: boolean, ...answers: string[][]): { answer: Answer; asked: number } {
  let asked = 0;
  let answer: Answer = [null, undefined];
  guardedLookup((_, tell) => {
    const addresses = answers[asked] ?? [];
    asked += 1;
    tell(
      null,
      addresses.map((address) => ({ address, family: 4 })),
    );
  })("hooks.example.com", { all }, (error, address: string | LookupAddress[]) => {
    answer = [error, address];
  });
  return { answer, asked };
}

it("hands a connection the very addresses that it looked at, and asks nobody twice", () => {
  const rebinding = [["1.1.1.1"], ["127.0.0.1"]];
  expect(lookUp(false, ...rebinding)).toEqual({ answer: [null, "1.1.1.1"], asked: 1 });
  expect(lookUp(true, ...rebinding)).toEqual({
    answer: [null, [{ address: "1.1.1.1", family: 4 }]],
    asked: 1,
  });
});

it("refuses a name with one private address among others, in whatever place", () => {
  for (const all of [true, false]) {
    for (const addresses of [["127.0.0.1"], ["1.1.1.1", "10.0.0.1"], ["::1", "1.1.1.1"]]) {
      expect(lookUp(all, addresses).answer[0]).toMatchObject({ code: "BLOCKED_ADDRESS" });
    }
  }
});

it("refuses a name without addresses", () => {
  expect(lookUp(true, []).answer[0]).toBeInstanceOf(Error);
});
