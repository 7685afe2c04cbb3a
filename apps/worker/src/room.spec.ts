import { expect, test } from "vitest";
import { beyondBudget, hasMemoryForOneMore, leastValuableFirst } from "./room.ts";

const session = (name: string, priority: number, idleSince: number | undefined, rssBytes = 10) => ({
  name,
  priority,
  idleSince,
  rssBytes,
});
const names = (sessions: readonly { name: string }[]) => sessions.map(({ name }) => name);

const SESSIONS = [
  session("important", 5, 1),
  session("busy", 0, undefined),
  session("new", 0, 30),
  session("old", 0, 20),
];

test("the least important goes first, then the longest idle, a busy one never", () => {
  expect(names(leastValuableFirst(SESSIONS))).toEqual(["old", "new", "important"]);
});

test("only so many go as the budget needs", () => {
  expect(names(beyondBudget(SESSIONS, 40, 40))).toEqual([]);
  expect(names(beyondBudget(SESSIONS, 40, 39))).toEqual(["old"]);
  expect(names(beyondBudget(SESSIONS, 40, 25))).toEqual(["old", "new"]);
  expect(names(beyondBudget(SESSIONS, 40, 0))).toEqual(["old", "new", "important"]);
});

test("one more session is as large as the largest, and where nothing is known there is no room for it", () => {
  const measured = { sessionRssBytes: { a: 10, b: 30 }, standbyRssBytes: 5 };
  expect(hasMemoryForOneMore(measured, 75)).toBe(true);
  expect(hasMemoryForOneMore(measured, 74)).toBe(false);
  expect(hasMemoryForOneMore(measured, undefined)).toBe(false);
  expect(hasMemoryForOneMore({ sessionRssBytes: {} }, 75)).toBe(false);
});
