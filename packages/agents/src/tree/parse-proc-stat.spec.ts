import { expect, test } from "vitest";
import { parseProcStat } from "./parse-proc-stat.ts";

test("a command name with spaces and parentheses does not shift the fields", () => {
  const line =
    "4242 (a) S 1 (x)) R 77 88 99 0 -1 4194304 1 0 0 0 1 2 3 4 20 0 1 0 123456 1000 200 18446744073709551615\n";
  expect(parseProcStat(line)).toEqual({
    pid: 4242,
    state: "R",
    ppid: 77,
    pgid: 88,
    sid: 99,
    startTicks: 123456,
  });
});

test("what is no such line is no process", () => {
  expect(parseProcStat("")).toBeUndefined();
  expect(parseProcStat("12 (sh) S 1 2")).toBeUndefined();
});
