export { type ChildMessage, isChildMessage, tellParent } from "./child-message.ts";
export { createLogger, type Logger } from "./logger.ts";
export { monotonicMs } from "./monotonic-ms.ts";
export { orExit } from "./or-exit.ts";
export { exited, type RestartState, started } from "./restart-state.ts";
export { type RunOptions, runUntilSignalled } from "./run-until-signalled.ts";
export type { Service } from "./service.ts";
export { type SupervisedChild, type SuperviseOptions, superviseChild } from "./supervise-child.ts";
export { withDeadline } from "./with-deadline.ts";
