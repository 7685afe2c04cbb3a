import { expect, test } from "vitest";
import type { ProcessEntry } from "./parse-proc-stat.ts";
import { treeMembers } from "./tree-members.ts";

const spawned = { pid: 100, startTicks: 1000 };

function members(
  entries: readonly (Partial<ProcessEntry> & { pid: number })[],
  options: { seen?: [number, number][]; marked?: number[]; root?: undefined } = {},
): number[] {
  const processes = new Map(
    entries.map((entry) => [
      entry.pid,
      { ppid: 1, pgid: 1, sid: 1, state: "S", startTicks: 2000, ...entry },
    ]),
  );
  return treeMembers({
    root: "root" in options ? options.root : spawned,
    processes,
    seen: new Map(options.seen),
    hasMarker: (pid) => options.marked?.includes(pid) ?? false,
  })
    .map((entry) => entry.pid)
    .sort((a, b) => a - b);
}

const root = { pid: 100, startTicks: 1000, pgid: 100, sid: 100 };

test("descendants of any depth belong to the tree, whatever their group", () => {
  expect(
    members([
      { pid: 103, ppid: 102, pgid: 103, sid: 103 },
      { pid: 102, ppid: 101 },
      root,
      { pid: 101, ppid: 100 },
      { pid: 200, ppid: 1 },
    ]),
  ).toEqual([100, 101, 102, 103]);
});

test("an orphan in the root's session belongs to the tree after the root is gone", () => {
  expect(members([{ pid: 101, sid: 100 }, { pid: 102, ppid: 101 }, { pid: 200 }])).toEqual([
    101, 102,
  ]);
});

test("an orphan in the session of a tool seen earlier belongs to the tree", () => {
  const tool = { pid: 101, pgid: 101, sid: 101 };
  expect(members([tool, { pid: 102, pgid: 101, sid: 101 }], { seen: [[101, 2000]] })).toEqual([
    101, 102,
  ]);
});

test("an orphan in a session of its own is known by the marker, and its children by it", () => {
  expect(
    members(
      [
        { pid: 300, sid: 300, pgid: 300 },
        { pid: 301, ppid: 300 },
      ],
      { marked: [300] },
    ),
  ).toEqual([300, 301]);
});

test("a later process with the root's pid is not the root", () => {
  const stranger = { pid: 100, startTicks: 5000, pgid: 100, sid: 100 };
  expect(members([stranger, { pid: 101, ppid: 100, sid: 100 }])).toEqual([]);
});

test("a later process with the pid of a member seen earlier is not that member", () => {
  expect(members([root, { pid: 101, startTicks: 9000 }], { seen: [[101, 2000]] })).toEqual([100]);
});

test("nothing that is older than the root belongs to it", () => {
  expect(
    members([root, { pid: 50, startTicks: 10, ppid: 100, sid: 100 }], { marked: [50] }),
  ).toEqual([100]);
});

test("without a root, the marker and what hangs on it decide, and nothing else does", () => {
  expect(
    members(
      [
        root,
        { pid: 101, ppid: 100, pgid: 101, sid: 101 },
        { pid: 102, pgid: 101, sid: 101 },
        { pid: 2, ppid: 0, pgid: 0, sid: 0, startTicks: 5 },
        { pid: 7, ppid: 2, pgid: 0, sid: 0, startTicks: 5 },
      ],
      { marked: [101], root: undefined },
    ),
  ).toEqual([101, 102]);
});
