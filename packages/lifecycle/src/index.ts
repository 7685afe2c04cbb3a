export { createLogger, type Logger } from "./logger.ts";
export type { Service } from "./service.ts";
export { withDeadline } from "./with-deadline.ts";
