import { describe, expect, it } from "vitest";
import { atTime, confirmed, type LeaseState, refused } from "./lease-state.ts";

const TTL_MS = 15_000;
const fresh: LeaseState = { at: "unregistered" };

describe("lease state", () => {
  it("trusts a claim for the TTL less a fifth, counted from when it was sent", () => {
    const state = confirmed(fresh, 1000, TTL_MS);
    expect(atTime(state, 12_999)).toEqual({ at: "trusted", untilMs: 13_000 });
    expect(atTime(state, 13_000)).toEqual({ at: "lost", reason: "expired" });
  });

  it("does not stretch the window when an older renewal is confirmed late", () => {
    const newer = confirmed(fresh, 5000, TTL_MS);
    expect(confirmed(newer, 2000, TTL_MS)).toEqual(newer);
  });

  it("stays lost once Redis said that the key is gone, whatever is confirmed later", () => {
    const lost = refused(confirmed(fresh, 0, TTL_MS));
    expect(lost).toEqual({ at: "lost", reason: "refused" });
    expect(confirmed(lost, 1000, TTL_MS)).toEqual(lost);
  });

  it("does not come back after the window passed, even when a renewal then succeeds", () => {
    const expired = atTime(confirmed(fresh, 0, TTL_MS), 12_000);
    expect(confirmed(expired, 11_000, TTL_MS).at).toBe("lost");
  });
});
