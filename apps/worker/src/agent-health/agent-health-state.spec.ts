import { AGENT_STATES } from "@pilotlight/contracts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type AgentEvidence,
  type AgentHealthState,
  healthOf,
  limitedUntil,
  noted,
  probeDueMs,
  probed,
  rankAgents,
  reasonOf,
  UNSEEN,
} from "./agent-health-state.ts";

const INTERVAL_MS = 900_000;
const MINUTE_MS = 60_000;
const START_MS = 1_800_000_000_000;
const GOOD: AgentEvidence = { at: "good" };
const FAILED: AgentEvidence = { at: "failed", reason: "it exited with code 3" };
const limited = (untilMs: number): AgentEvidence => ({ at: "limited", untilMs, reason: "spent" });

type Step = readonly [afterMs: number, evidence: AgentEvidence];

function after(...steps: readonly Step[]): AgentHealthState {
  return steps.reduce((state, [ms, evidence]) => noted(state, evidence, START_MS + ms), UNSEEN);
}

describe("an agent", () => {
  it.each<[string, AgentHealthState, number, string]>([
    ["never seen is cold", UNSEEN, 0, "cold"],
    ["just seen well is warm", after([0, GOOD]), 0, "warm"],
    ["seen well within five minutes is warm", after([0, GOOD]), 5 * MINUTE_MS - 1, "warm"],
    ["seen well five minutes ago is healthy", after([0, GOOD]), 5 * MINUTE_MS, "healthy"],
    ["seen well 1.2 intervals ago is cold", after([0, GOOD]), 1.2 * INTERVAL_MS, "cold"],
    ["seen well just before that is healthy", after([0, GOOD]), 1.2 * INTERVAL_MS - 1, "healthy"],
    ["that failed last is dead", after([0, GOOD], [1, FAILED]), 1, "dead"],
    ["that failed stays dead", after([0, FAILED]), 100 * INTERVAL_MS, "dead"],
    ["seen well after a failure is warm", after([0, FAILED], [1, GOOD]), 1, "warm"],
    ["at its limit is limited", after([0, limited(START_MS + 9)]), 8, "limited"],
    ["is cold at the reset of it", after([0, limited(START_MS + 9)]), 9, "cold"],
    ["is as before at the reset", after([0, GOOD], [1, limited(START_MS + 9)]), 9, "warm"],
    ["is not dead, who tells its limit", after([0, FAILED], [1, limited(START_MS)]), 9, "cold"],
    ["stays limited though it starts", after([0, limited(START_MS + 9)], [1, GOOD]), 8, "limited"],
    [
      "that failed at its limit is dead then",
      after([0, limited(START_MS + 9)], [1, FAILED]),
      9,
      "dead",
    ],
    [
      "is limited until the newest word",
      after([0, limited(START_MS + 9)], [1, limited(START_MS + 99)]),
      50,
      "limited",
    ],
  ])("%s", (_, state, ms, expected) => {
    expect(healthOf(state, START_MS + ms, INTERVAL_MS)).toBe(expected);
  });

  it("tells why it is dead or limited, and nothing while it is well", () => {
    expect(reasonOf(after([0, FAILED]), START_MS)).toBe("it exited with code 3");
    const both = after([0, FAILED], [1, limited(START_MS + 9)], [2, FAILED]);
    expect(reasonOf(both, START_MS + 8)).toBe("spent");
    expect(reasonOf(both, START_MS + 9)).toBe("it exited with code 3");
    expect(reasonOf(after([0, FAILED], [1, GOOD]), START_MS + 1)).toBeUndefined();
  });

  it("stays what it was where a probe told nothing, which is the reason for what is not known", () => {
    const outcome = { at: "unknown", reason: "npx would fetch it" } as const;
    const cold = probed(UNSEEN, outcome, START_MS);
    expect(healthOf(cold, START_MS, INTERVAL_MS)).toBe("cold");
    expect(reasonOf(cold, START_MS)).toBe("npx would fetch it");
    expect(cold.lastProbeMs).toBe(START_MS);
    expect(reasonOf(noted(cold, GOOD, START_MS), START_MS)).toBeUndefined();
  });

  it("counts what was seen of it", () => {
    const state = after([0, GOOD], [1, FAILED], [2, limited(START_MS)], [3, GOOD]);
    expect(state).toMatchObject({ good: 2, failed: 2, failedInARow: 0 });
  });

  it("is in exactly the state that its evidence says, whatever came before", () => {
    const evidence = fc.oneof(
      fc.constant(GOOD),
      fc.constant(FAILED),
      fc.integer({ min: 0, max: 3_000_000 }).map((ms) => limited(START_MS + ms)),
    );
    const step = fc.tuple(fc.integer({ min: 0, max: 600_000 }), evidence);
    fc.assert(
      fc.property(fc.array(step), fc.integer({ min: 0, max: 3_000_000 }), (gaps, waitMs) => {
        let nowMs = START_MS;
        let state = UNSEEN;
        let lastGoodMs = Number.NEGATIVE_INFINITY;
        let untilMs = 0;
        let isDead = false;
        for (const [gapMs, given] of gaps) {
          nowMs += gapMs;
          state = noted(state, given, nowMs);
          lastGoodMs = given.at === "good" ? nowMs : lastGoodMs;
          untilMs = given.at === "limited" ? given.untilMs : untilMs;
          isDead = given.at === "failed";
        }
        nowMs += waitMs;
        const unseenMs = nowMs - lastGoodMs;
        const expected =
          nowMs < untilMs
            ? "limited"
            : isDead
              ? "dead"
              : unseenMs < 300_000
                ? "warm"
                : unseenMs < 1_080_000
                  ? "healthy"
                  : "cold";
        expect(healthOf(state, nowMs, INTERVAL_MS)).toBe(expected);
        expect(limitedUntil(state, nowMs) !== undefined).toBe(expected === "limited");
        expect(state.good + state.failed).toBe(gaps.length);
      }),
    );
  });
});

describe("the next probe", () => {
  it("is due at once where nothing was heard, and an interval after what was heard last", () => {
    expect(probeDueMs(UNSEEN, INTERVAL_MS)).toBe(0);
    const cold = probed(UNSEEN, { at: "unknown", reason: "" }, START_MS);
    expect(probeDueMs(cold, INTERVAL_MS)).toBe(START_MS + INTERVAL_MS);
    expect(probeDueMs(noted(cold, GOOD, START_MS + 7), INTERVAL_MS)).toBe(
      START_MS + 7 + INTERVAL_MS,
    );
  });

  it("of a dead agent comes sooner, each time twice as late, and never later than the interval", () => {
    let state = UNSEEN;
    const waits = Array.from({ length: 8 }, () => {
      state = noted(state, FAILED, START_MS);
      return (probeDueMs(state, INTERVAL_MS) - START_MS) / 1000;
    });
    expect(waits).toEqual([30, 60, 120, 240, 480, 900, 900, 900]);
    expect(probeDueMs(state, 10_000)).toBe(START_MS + 10_000);
    const again = noted(noted(state, GOOD, START_MS), FAILED, START_MS);
    expect(probeDueMs(again, INTERVAL_MS)).toBe(START_MS + 30_000);
  });
});

describe("ranking", () => {
  it("puts warm and healthy ones first as listed, then cold, dead and limited ones", () => {
    const agents = ["limited", "dead", "cold", "healthy", "warm"] as const;
    const stateOf = (agent: string) => AGENT_STATES.find((state) => state === agent) ?? "cold";
    expect(rankAgents(agents, stateOf)).toEqual(["healthy", "warm", "cold", "dead", "limited"]);
  });

  it("loses nobody, and keeps the listed order among equals", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...AGENT_STATES)), (states) => {
        const ranked = rankAgents(Object.keys(states), (index) => states[Number(index)] ?? "cold");
        expect(ranked.toSorted((a, b) => Number(a) - Number(b))).toEqual(Object.keys(states));
        const groups = [["warm", "healthy"], ["cold"], ["dead"], ["limited"]];
        const expected = groups.flatMap((group) =>
          Object.keys(states).filter((index) => group.includes(states[Number(index)] ?? "")),
        );
        expect(ranked).toEqual(expected);
      }),
    );
  });
});
