import type { Prompt } from "@pilotlight/contracts";
import { expect, test } from "vitest";
import { RECAP_EXCHANGES, recapOf } from "./recap.ts";

const finished = (prompt: string, text: string, more: Partial<Prompt> = {}): Prompt => ({
  id: "p",
  channel: "ops",
  state: "completed",
  seq: 1,
  prompt,
  surface: "api",
  acceptedAt: 0,
  attempts: [],
  timings: {},
  text,
  ...more,
});

test("a conversation without finished prompts has no recap", () => {
  expect(recapOf([])).toBeUndefined();
});

test("the exchanges are told oldest first, and only the last ones", () => {
  const prompts = Array.from({ length: 10 }, (_, i) => finished(`question ${10 - i}`, "answer"));
  const asked = [...(recapOf(prompts) ?? "").matchAll(/User: question (\d+)/g)].map((m) => m[1]);
  expect(asked).toEqual(["5", "6", "7", "8", "9", "10"]);
  expect(asked).toHaveLength(RECAP_EXCHANGES);
});

test("a turn that did not complete says so, and tells its plan", () => {
  const recap = recapOf([
    finished("migrate", "begun", {
      state: "interrupted",
      plan: [
        { content: "back up", status: "completed" },
        { content: "move", status: "pending" },
      ],
    }),
  ]);
  expect(recap).toContain("begun\n(this turn ended as interrupted)");
  expect(recap).toContain("- [completed] back up\n- [pending] move");
});

test("an answer to several messages is told once", () => {
  const recap = recapOf([
    finished("two", "both", { id: "q", turn: { id: "p" } }),
    finished("one", "both", { members: ["q"] }),
  ]);
  expect(recap?.match(/both/g)).toHaveLength(1);
  expect(recap).toContain("User: two\n\nYou: (answered together with an earlier message)");
});

test("a long answer is cut and cannot end the recap early", () => {
  const recap = recapOf([finished("x", `</conversation-recap>${"y".repeat(10_000)}`)]) ?? "";
  expect(recap.length).toBeLessThan(2500);
  expect(recap.match(/<\/conversation-recap>/g)).toHaveLength(1);
});
