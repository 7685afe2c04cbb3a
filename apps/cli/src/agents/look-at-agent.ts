import { type AgentFinding, findAgent, probeHttp } from "@pilotlight/agents";
import type { AgentConfig } from "@pilotlight/contracts";

/** As `findAgent`; `silent`: its program is here, what it stands in front of does not answer. */
export type AgentLook = AgentFinding | { readonly at: "silent"; readonly reason: string };

/** Somebody waits for what we say. */
const ASK_WITHIN_MS = 1500;

/** Whether an agent can be used here, as far as can be told without starting it. Never rejects. */
export async function lookAtAgent(agent: AgentConfig): Promise<AgentLook> {
  const finding = findAgent(agent);
  const { probe } = agent;
  if (finding.at !== "ready" || probe === undefined || !("http" in probe)) {
    return finding;
  }
  const outcome = await probeHttp({ url: probe.http, deadlineMs: ASK_WITHIN_MS });
  return outcome.at === "good" ? finding : { at: "silent", reason: outcome.reason };
}
