import { AgentStartError } from "@pilotlight/agents";

/** Why an agent failed, in words that follow on its name: what is wrong, and the last line that it said itself. */
export function failureReason(error: unknown): string {
  if (!(error instanceof AgentStartError)) {
    return error instanceof Error ? error.message : String(error);
  }
  const line = error.stderr.trim().split("\n").at(-1)?.trim() ?? "";
  return line === "" ? error.reason : `${error.reason}: ${line}`;
}
