import { PassThrough } from "node:stream";
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

function start() {
  const input = new PassThrough();
  const output = new PassThrough();
  const answers: (readonly [string, AnswerRequest])[] = [];
  const asker = createPersonAsker(
    {
      answer: (id, answer) => {
        answers.push([id, answer]);
        return Promise.resolve(permission(id));
      },
    },
    { input, output },
    () => undefined,
  );
  let shown = "";
  output.on("data", (chunk) => {
    shown += String(chunk);
  });
  const asked = (times: number) =>
    waitUntil("the question", () => shown.split("allow?").length - 1 === times);
  return { asker, input, answers, asked };
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
