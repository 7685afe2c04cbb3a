import { expect, test } from "vitest";
import { findViolations } from "./exactness.ts";

const answer = (turn: number, sent = `p${turn}`, heard = `#${turn} ${sent}`) => ({
  channel: "c",
  sent,
  heard,
});

test("every prompt answered once and in order is no violation, wherever the count begins", () => {
  expect(findViolations("a", [answer(5), answer(6), answer(7)], { inOrder: true })).toEqual([]);
});

test("channels are counted apart", () => {
  const answers = [answer(1), { ...answer(1), channel: "d" }, answer(2)];
  expect(findViolations("a", answers, { inOrder: true })).toEqual([]);
});

test("another prompt's answer is found", () => {
  expect(findViolations("a", [answer(1, "p", "#1 q")], { inOrder: true })).toHaveLength(1);
});

test("an answer that was streamed twice is found", () => {
  expect(findViolations("a", [answer(1, "p", "#1 p#1 p")], { inOrder: true })).toHaveLength(1);
});

test("a turn that ran twice leaves a gap and is found", () => {
  expect(findViolations("a", [answer(1), answer(3)], { inOrder: true })).toHaveLength(1);
  expect(findViolations("a", [answer(1), answer(3)], { inOrder: false })).toHaveLength(1);
});

test("turns out of order are found where order can be told", () => {
  expect(findViolations("a", [answer(2), answer(1)], { inOrder: true })).toHaveLength(1);
  expect(findViolations("a", [answer(2), answer(1)], { inOrder: false })).toEqual([]);
});
