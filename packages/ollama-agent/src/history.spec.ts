import { expect, test } from "vitest";
import { createHistory, type Message, newestThatFit, tokensOf } from "./history.ts";

const user = (text: string): Message => ({ role: "user", text });
const assistant = (text: string): Message => ({ role: "assistant", text });
const textsOf = (messages: readonly Message[] | undefined) => messages?.map(({ text }) => text);

test("pieces of an answer become one message, questions stay apart", () => {
  const history = createHistory(1000);
  for (const message of [user("a"), assistant("b"), assistant("c"), user("d"), user("e")]) {
    history.add(message);
  }
  expect(textsOf(history.messages)).toEqual(["a", "bc", "d", "e"]);
});

test("a history never holds more than its limit, but always the last message", () => {
  const history = createHistory(100);
  for (let index = 0; index < 500; index += 1) {
    history.add(user(`question ${index}`));
    history.add(assistant("x".repeat(30)));
  }
  const held = history.messages.reduce((sum, { text }) => sum + tokensOf(text), 0);
  expect(held).toBeLessThanOrEqual(100);
  expect(history.messages.length).toBeGreaterThan(2);
  history.add(user("y".repeat(9000)));
  expect(textsOf(history.messages)).toEqual(["y".repeat(9000)]);
});

test("the oldest messages go first, and no answer is shown without its question", () => {
  const talk = [user("one"), assistant("two"), user("three"), assistant("four"), user("five")];
  const each = tokensOf("three");
  expect(textsOf(newestThatFit(talk, 1000))).toEqual(["one", "two", "three", "four", "five"]);
  expect(textsOf(newestThatFit(talk, 3 * each))).toEqual(["three", "four", "five"]);
  expect(textsOf(newestThatFit(talk, 2 * each))).toEqual(["five"]);
});

test("a last message that does not fit is not cut", () => {
  expect(newestThatFit([user("x".repeat(100))], 20)).toBeUndefined();
});

test("text in any script is counted by its bytes, never as less than it has characters in wide ones", () => {
  expect(tokensOf("火".repeat(300))).toBeGreaterThanOrEqual(300);
});
