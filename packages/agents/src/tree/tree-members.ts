import type { ProcessEntry } from "./parse-proc-stat.ts";

export interface TreeMembersInput {
  /** The process that was spawned; `undefined` where only the marker tells. */
  readonly root: { readonly pid: number; readonly startTicks: number } | undefined;
  readonly processes: ReadonlyMap<number, ProcessEntry>;
  /** Members found earlier, by pid with their start: they count although their parents may be gone. */
  readonly seen: ReadonlyMap<number, number>;
  /** Whether a process carries the marker. Asked for each process that is no older than the root. */
  hasMarker(pid: number): boolean;
}

/**
 * Every process of a tree, dead ones that wait to be reaped included. A process belongs to it that is the root,
 * was seen as a member, descends from a member, is in a member's session or process group, or carries the marker.
 * Nothing that started before the root belongs, and so a reused pid never does.
 */
export function treeMembers(input: TreeMembersInput): ProcessEntry[] {
  const { root, processes, seen } = input;
  const young = [...processes.values()].filter(
    (entry) => entry.startTicks >= (root?.startTicks ?? 0),
  );
  const members = new Map<number, ProcessEntry>();
  const groups = new Set<number>();
  const add = (entry: ProcessEntry) => {
    members.set(entry.pid, entry);
    if (entry.pid === entry.pgid || entry.pid === entry.sid) {
      groups.add(entry.pid);
    }
  };

  if (root !== undefined && isSame(processes.get(root.pid) ?? root, root)) {
    // The root itself, or nobody: the kernel gives a pid to no one while it still names a group.
    groups.add(root.pid);
  }
  for (const entry of young) {
    const isRoot = root !== undefined && isSame(entry, root);
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

function isSame(
  a: { readonly pid: number; readonly startTicks: number },
  b: { readonly pid: number; readonly startTicks: number },
): boolean {
  return a.pid === b.pid && a.startTicks === b.startTicks;
}
