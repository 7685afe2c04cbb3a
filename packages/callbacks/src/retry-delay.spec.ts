import { expect, it } from "vitest";
import { retryDelayMs } from "./retry-delay.ts";

const calm = { firstMs: 5000, chance: 0 };

it("doubles the pause from the first one up to ten minutes, however often it failed", () => {
  const after = (failures: number) => retryDelayMs(failures, calm);
  expect([1, 2, 3, 7, 8, 1000].map(after)).toEqual([
    5000, 10_000, 20_000, 320_000, 600_000, 600_000,
  ]);
});

it("adds up to a tenth by chance, so that what failed together comes back apart", () => {
  expect(retryDelayMs(1, { firstMs: 5000, chance: 1 })).toBe(5500);
});

it("comes back no earlier than the endpoint asked, and not earlier than its own pace either", () => {
  expect(retryDelayMs(1, calm, 3_600_000)).toBe(3_600_000);
  expect(retryDelayMs(4, calm, 1000)).toBe(40_000);
});
