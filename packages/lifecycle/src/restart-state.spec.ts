import { describe, expect, it } from "vitest";
import { exited, type RestartState, started } from "./restart-state.ts";

const backoff = { firstMs: 100, mostMs: 1000, healthyAfterMs: 30_000 };
const first: RestartState = { at: "running", sinceMs: 0, failures: 0 };

function crash(state: RestartState, nowMs: number): RestartState {
  return started(exited(state, nowMs, backoff), nowMs);
}

describe("restart of a supervised child", () => {
  it("waits twice as long after each early exit, up to the bound", () => {
    let state: RestartState = first;
    const delays: number[] = [];
    for (let i = 0; i < 6; i += 1) {
      const waiting = exited(state, i, backoff);
      delays.push(waiting.at === "waiting" ? waiting.delayMs : -1);
      state = started(waiting, i);
    }
    expect(delays).toEqual([100, 200, 400, 800, 1000, 1000]);
  });

  it("begins again with the short wait once the child has lived well", () => {
    const flapping = crash(crash(first, 1), 2);
    expect(exited(flapping, 40_000, backoff)).toMatchObject({ at: "waiting", delayMs: 100 });
  });

  it("does not restart what was stopped", () => {
    expect(exited({ at: "stopped" }, 1, backoff)).toEqual({ at: "stopped" });
  });
});
