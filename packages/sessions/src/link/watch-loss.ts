import type { AgentProcess } from "@pilotlight/agents";
import { withDeadline } from "@pilotlight/lifecycle";
import type { AgentLink } from "./agent-link.ts";

/** How long the one of process and connection that ended first is waited for by the other. */
const GRACE_MS = 250;

/**
 * Resolves when the agent is lost: its process exited or its connection ended. By then both were given the time
 * to end together: what a dying process wrote has been read, and the connection is closed.
 */
export async function watchLoss(
  agentProcess: AgentProcess,
  link: AgentLink,
): Promise<"exited" | "disconnected"> {
  const exited = agentProcess.exited.then(() => "exited" as const);
  const first = await Promise.race([exited, link.closed.then(() => "disconnected" as const)]);
  if (first === "exited") {
    // A descendant may hold the pipe open for hours.
    await withDeadline(link.closed, GRACE_MS, late).catch(() => undefined);
    link.disconnect();
    return "exited";
  }
  return withDeadline(exited, GRACE_MS, late).catch(() => "disconnected" as const);
}

function late(): Error {
  return new Error("the other end is still open");
}
