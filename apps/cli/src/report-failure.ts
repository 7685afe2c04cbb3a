import { ApiError } from "@pilotlight/client";
import { ConfigError, PilotlightError } from "@pilotlight/contracts";
import { EXIT } from "./exit-codes.ts";

/** Says what went wrong, one line per fault, and gives the exit code. */
export function reportFailure(error: unknown): number {
  if (error instanceof ConfigError) {
    for (const fault of error.faults) {
      process.stderr.write(`pilotlight: ${fault}\n`);
    }
    return EXIT.config;
  }
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`pilotlight: ${message}\n`);
  if (error instanceof ApiError) {
    return error.status === 401 || error.status === 403
      ? EXIT.auth
      : error.status >= 500 || error.status === 0
        ? EXIT.unavailable
        : error.status === 422 || error.status === 400
          ? EXIT.usage
          : EXIT.failed;
  }
  if (error instanceof PilotlightError) {
    return error.code === "DATA_DIR_LOCKED" || error.code === "PORT_TAKEN"
      ? EXIT.config
      : error.code === "REDIS_UNREACHABLE"
        ? EXIT.unavailable
        : EXIT.failed;
  }
  return EXIT.failed;
}
