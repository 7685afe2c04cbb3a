import { isLive, type ProcessEntry } from "./parse-proc-stat.ts";
import type { ProcessTree } from "./process-tree.ts";
import { readProcesses, readRssBytes } from "./read-processes.ts";
import { treeMembers } from "./tree-members.ts";

/** Many trees are sampled together: one look at the machine serves them all for this long. */
const LOOK_LASTS_MS = 500;

let look: { readonly atMs: number; readonly processes: Promise<Map<number, ProcessEntry>> } = {
  atMs: Number.NEGATIVE_INFINITY,
  processes: Promise.resolve(new Map()),
};

/** Resident bytes of the root, its descendants and their sessions; pages shared among them count in each. 0 without `/proc`. */
export async function treeRssBytes(tree: ProcessTree): Promise<number> {
  if (performance.now() - look.atMs > LOOK_LASTS_MS) {
    look = { atMs: performance.now(), processes: readProcesses() };
  }
  const members = treeMembers({
    root: tree,
    processes: await look.processes,
    seen: new Map(),
    hasMarker: () => false,
  });
  return members.filter(isLive).reduce((sum, entry) => sum + readRssBytes(entry.pid), 0);
}
