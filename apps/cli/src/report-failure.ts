import { ApiError } from "@pilotlight/client";
import { ConfigError, PilotlightError } from "@pilotlight/contracts";
import { ChildExitedError, startExitCode } from "@pilotlight/lifecycle";
import { EXIT } from "./exit-codes.ts";

const EXIT_BY_CODE: Readonly<Record<string, number>> = {
  DATA_DIR_LOCKED: EXIT.config,
  DATA_DIR_UNUSABLE: EXIT.config,
  PORT_TAKEN: EXIT.config,
  REDIS_NOT_STARTED: EXIT.unavailable,
  REDIS_UNREACHABLE: EXIT.unavailable,
  USAGE: EXIT.usage,
};

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
  if (error instanceof ChildExitedError) {
    return startExitCode(error);
  }
  if (error instanceof PilotlightError) {
    return EXIT_BY_CODE[error.code] ?? EXIT.failed;
  }
  return EXIT.failed;
}
