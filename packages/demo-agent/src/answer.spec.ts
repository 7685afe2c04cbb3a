import { expect, test } from "vitest";
import { answerTo } from "./answer.ts";

test("the first answer says what was heard", () => {
  expect(answerTo("hello", [])).toBe(
    'You said: "hello". This is the first message of our conversation.',
  );
});

test("a later answer shows what is remembered, without the directives in it", () => {
  const earlier = [
    { role: "user", text: "one" },
    { role: "assistant", text: "You said: one" },
    { role: "user", text: "[[slow 5]] two" },
    { role: "assistant", text: "You said: two" },
  ] as const;
  expect(answerTo("three", earlier)).toBe(
    'You said: "three". Before that you said: "two". I remember 2 earlier messages of yours.',
  );
});
