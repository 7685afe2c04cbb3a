import { PassThrough } from "node:stream";
import { ApiError } from "@pilotlight/client";
import type { AnswerRequest, Question } from "@pilotlight/contracts";
import { waitUntil } from "@pilotlight/testkit";
import { expect, test } from "vitest";
import { createPersonAsker } from "./ask-person.ts";

const permission = (id: string): Question => ({
  type: "permission",
  id,
  channel: "ops",
  promptId: "p_1",
  agent: "demo",
  state: "pending",
  askedAt: 0,
  expiresAt: 1,
  hash: `hash of ${id}`,
  toolCall: { toolCallId: "c", kind: "execute", title: "rm -r build", paths: [] },
  options: [],
});

function start(answered: () => Promise<void> = () => Promise.resolve()) {
  const input = new PassThrough();
  const output = new PassThrough();
  const answers: (readonly [string, AnswerRequest])[] = [];
  const notes: string[] = [];
  const asker = createPersonAsker(
    {
      answer: async (id, answer) => {
        answers.push([id, answer]);
        await answered();
        return permission(id);
      },
    },
    { input, output },
    (text) => notes.push(text),
  );
  let shown = "";
  output.on("data", (chunk) => {
    shown += String(chunk);
  });
  const asked = (times: number) =>
    waitUntil("the question", () => shown.split("allow?").length - 1 === times);
  return { asker, input, answers, notes, asked };
}

test("two questions at once are asked one after the other, and what is said is bound to what was shown", async () => {
  const { asker, input, answers, asked } = start();
  asker.heard(permission("one"));
  asker.heard(permission("two"));
  await asked(1);
  input.write("maybe\n");
  await asked(2);
  input.write("y\n");
  await asked(3);
  input.write("No\n");
  await waitUntil("both answers", () => answers.length === 2);
  expect(answers).toEqual([
    ["one", { decision: "allow_once", hash: "hash of one" }],
    ["two", { decision: "reject_once", hash: "hash of two" }],
  ]);
});

test("a question that somebody else has answered is not asked any more", async () => {
  const { asker, input, answers, asked } = start();
  asker.heard(permission("one"));
  asker.heard(permission("two"));
  await asked(1);
  asker.heard({ ...permission("one"), state: "answered" });
  await asked(2);
  input.write("y\n");
  await waitUntil("the answer", () => answers.length === 1);
  expect(answers[0]?.[0]).toBe("two");
});

test("a question that is told twice is asked once", async () => {
  const { asker, input, answers, asked } = start();
  asker.heard(permission("one"));
  asker.heard(permission("one"));
  asker.heard(permission("two"));
  await asked(1);
  input.write("y\n");
  await asked(2);
  input.write("y\n");
  await waitUntil("both answers", () => answers.length === 2);
  expect(answers.map(([id]) => id)).toEqual(["one", "two"]);
});

test("an answer that is not taken is told with its reason", async () => {
  const gone = new ApiError(410, "expired", "It expired.");
  const { asker, input, notes, asked } = start(() => Promise.reject(gone));
  asker.heard(permission("one"));
  await asked(1);
  input.write("y\n");
  await waitUntil("a note", () => notes.length > 0);
  expect(notes).toEqual(["  not answered: It expired."]);
});

test("the terminal is let go when the turn is over", async () => {
  const { asker, input, answers, notes, asked } = start();
  asker.heard(permission("one"));
  await asked(1);
  asker.close();
  await waitUntil("nobody reads", () => input.isPaused());
  expect({ answers, notes }).toEqual({ answers: [], notes: [] });
});
