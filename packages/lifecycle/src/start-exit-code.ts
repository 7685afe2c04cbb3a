import { ConfigError, PilotlightError } from "@pilotlight/contracts";
import { ChildExitedError } from "./child-exited-error.ts";

/** Codes of sysexits.h that a parent passes on from its child. */
const PASSED_ON: readonly (number | null)[] = [69, 75, 78];

/**
 * With what a process exits that could not start: 78 (EX_CONFIG) where somebody has to change something, 69
 * (EX_UNAVAILABLE) where the same start may succeed later, what its child said where that could not start, else 1.
 */
export function startExitCode(error: unknown): number {
  if (error instanceof ConfigError) {
    return 78;
  }
  if (error instanceof ChildExitedError && PASSED_ON.includes(error.exitCode)) {
    return error.exitCode ?? 1;
  }
  return error instanceof PilotlightError && error.retryable ? 69 : 1;
}
