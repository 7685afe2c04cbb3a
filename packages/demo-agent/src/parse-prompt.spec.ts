import { expect, test } from "vitest";
import { countOf, parsePrompt } from "./parse-prompt.ts";

test("directives are taken out of the text in their order, with their arguments", () => {
  expect(parsePrompt("Hello [[plan 3]] there\n[[permission edit a.txt]] [[crash]]")).toEqual({
    text: "Hello there",
    directives: [
      { name: "plan", args: ["3"] },
      { name: "permission", args: ["edit", "a.txt"] },
      { name: "crash", args: [] },
    ],
  });
});

test.each(["[[]]", "[[Not One]]", "[ [plan]]", "a[[0]]b", "[[plan 3"])(
  "%s is plain text",
  (text) => {
    expect(parsePrompt(text)).toEqual({ text, directives: [] });
  },
);

test("a count is whole, never negative and never above its limit", () => {
  expect(countOf("12.7", 1, 100)).toBe(12);
  expect(countOf("-5", 1, 100)).toBe(0);
  expect(countOf("1e99", 1, 100)).toBe(100);
  expect(countOf("many", 7, 100)).toBe(7);
  expect(countOf(undefined, 7, 100)).toBe(7);
});
