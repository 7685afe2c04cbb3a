import { expect, it } from "vitest";
import { retryAfterMs } from "./retry-after-ms.ts";

const NOW = Date.parse("2031-05-01T09:00:00Z");

it("understands seconds and dates, up to a day, and passes over what it does not understand", () => {
  expect(retryAfterMs("120", NOW)).toBe(120_000);
  expect(retryAfterMs("Thu, 01 May 2031 09:00:30 GMT", NOW)).toBe(30_000);
  expect(retryAfterMs("99999999999", NOW)).toBe(86_400_000);
  for (const header of [undefined, "", "0", "soon", "-5", "Thu, 01 May 2031 08:00:00 GMT"]) {
    expect(retryAfterMs(header, NOW)).toBeUndefined();
  }
});
