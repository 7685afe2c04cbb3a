import type { ProcessEntry } from "./parse-proc-stat.ts";
import type { ProcessTree } from "./process-tree.ts";

export interface TreeMembersInput {
  readonly tree: ProcessTree;
  readonly processes: ReadonlyMap<number, ProcessEntry>;
  /** Members found earlier, by pid with their start: they count although their parents may be gone. */
  readonly seen: ReadonlyMap<number, number>;
  /** Whether a process carries the tree's marker; asked only where nothing else decides. */
  hasMarker(pid: number): boolean;
}

/**
 * Every process of the tree, dead ones that wait to be reaped included. A process belongs to it that is the root,
 * was seen as a member, descends from a member, is in a member's session or process group, or carries the marker.
 * Nothing that started before the root belongs, and so a reused pid never does.
 */
export function treeMembers(input: TreeMembersInput): ProcessEntry[] {
  const { tree, processes, seen } = input;
  const young = [...processes.values()].filter((entry) => entry.startTicks >= tree.startTicks);
  const members = new Map<number, ProcessEntry>();
  const groups = new Set<number>();
  const add = (entry: ProcessEntry) => {
    members.set(entry.pid, entry);
    if (entry.pid === entry.pgid || entry.pid === entry.sid) {
      groups.add(entry.pid);
    }
  };

  const root = processes.get(tree.pid);
  if (root === undefined || root.startTicks === tree.startTicks) {
    // The kernel gives a pid to nobody while it still names a group: these are the root's own.
    groups.add(tree.pid);
  }
  for (const entry of young) {
    const isRoot = entry === root && root.startTicks === tree.startTicks;
    if (isRoot || seen.get(entry.pid) === entry.startTicks || input.hasMarker(entry.pid)) {
      add(entry);
    }
  }
  for (let found = -1; found !== members.size; ) {
    found = members.size;
    for (const entry of young) {
      if (
        !members.has(entry.pid) &&
        (members.has(entry.ppid) || groups.has(entry.pgid) || groups.has(entry.sid))
      ) {
        add(entry);
      }
    }
  }
  return [...members.values()];
}
