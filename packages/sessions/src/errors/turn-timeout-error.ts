import { PilotlightError } from "@pilotlight/contracts";

/** A turn was cancelled because the agent was silent too long, or the turn as a whole took too long. */
export class TurnTimeoutError extends PilotlightError {
  constructor(code: "silence_timeout" | "turn_timeout", agent: string, limitMs: number) {
    const what = code === "silence_timeout" ? "said nothing for" : "did not finish its turn within";
    super(code, `agent "${agent}" ${what} ${limitMs / 1000} s`);
  }
}
