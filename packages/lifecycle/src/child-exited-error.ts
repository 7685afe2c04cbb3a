import { PilotlightError } from "@pilotlight/contracts";

/** A supervised process ended before it was ready. It has said why itself. */
export class ChildExitedError extends PilotlightError {
  /** Null where a signal ended it, or it was never made. */
  readonly exitCode: number | null;

  constructor(name: string, code: number | null, signal: string | null) {
    super(
      "CHILD_EXITED",
      `${name} exited (${signal ?? code ?? "not started"}) before it was ready`,
    );
    this.exitCode = code;
  }
}
