import { expect, test } from "vitest";
import type { SessionEnd } from "./agent-session.ts";
import {
  isUsable,
  nextSessionState,
  type SessionEvent,
  type SessionState,
} from "./session-state.ts";

const end: SessionEnd = { reason: "closed", exitCode: 0, signal: null, stderr: "" };
const STATES: readonly SessionState[] = [
  { at: "idle" },
  { at: "prompting" },
  { at: "stuck" },
  { at: "closing" },
  { at: "lost" },
  { at: "ended", end },
];
const EVENTS: readonly SessionEvent[] = [
  { type: "prompted" },
  { type: "settled" },
  { type: "unsettled" },
  { type: "close-asked" },
  { type: "agent-lost" },
  { type: "tree-empty", end },
];

test("every state and event lead where the drawing in README.md says", () => {
  const table = STATES.map((state) =>
    EVENTS.map((event) => nextSessionState(state, event).at).join(" "),
  );
  expect(table).toEqual([
    // prompted settled unsettled close-asked agent-lost tree-empty
    "prompting idle idle closing lost ended",
    "prompting idle stuck closing lost ended",
    "stuck stuck stuck closing lost ended",
    "closing closing closing closing closing ended",
    "lost lost lost lost lost ended",
    "ended ended ended ended ended ended",
  ]);
});

test("only an idle or prompting session is usable", () => {
  expect(STATES.filter(isUsable).map(({ at }) => at)).toEqual(["idle", "prompting"]);
});

test("the first end is the one that counts", () => {
  const later: SessionEnd = { ...end, reason: "exited" };
  expect(nextSessionState({ at: "ended", end }, { type: "tree-empty", end: later })).toEqual({
    at: "ended",
    end,
  });
});
