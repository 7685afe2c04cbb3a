/**
 * What becomes of an agent's processes when nobody is left to end them.
 *
 * - `namespace`: they live in a pid namespace that the kernel ends with the worker, to the last process
 * - `none`: their stdin ends, at which most agents end themselves and their tools
 *
 * To kill only the agent's own process with its worker would be the worst end: agents' tools then run on as orphans.
 */
export const CONTAINMENTS = ["namespace", "none"] as const;
export type Containment = (typeof CONTAINMENTS)[number];
