export type { AgentExit, AgentProcess } from "./agent-process.ts";
export { AgentStartError } from "./agent-start-error.ts";
export { AgentTreeAliveError } from "./agent-tree-alive-error.ts";
export { CONTAINMENTS, type Containment } from "./containment/containment.ts";
export { canContain, findContainment } from "./containment/find-containment.ts";
export { type AgentFinding, type FindAgentOptions, findAgent } from "./find-agent.ts";
export { type HttpProbeOutcome, probeHttp } from "./probe-http.ts";
export { type SpawnAgentOptions, spawnAgent } from "./spawn-agent.ts";
export { isResponsive } from "./tree/is-responsive.ts";
export type { ProcessTree } from "./tree/process-tree.ts";
export {
  killTree,
  type StopTimings,
} from "./tree/stop-tree.ts";
export { type OwnedTrees, watchOwnedTrees } from "./tree/watch-owned-trees.ts";
