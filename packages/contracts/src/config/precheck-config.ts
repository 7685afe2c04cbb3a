import { z } from "zod";
import { type AgentProbe, agentProbeOf } from "./agent-probe.ts";

/** What decides whether a schedule wakes its agent at all. */
export interface PrecheckConfig {
  readonly name: string;
  readonly probe: AgentProbe;
  /** Names (or `PREFIX_*`) of environment variables that its command may see besides the common ones. */
  readonly env: readonly string[];
  readonly deadlineMs: number;
}

/** As `pilotlight.toml` has it: a command that is run without a shell and exits with 0, or an address that answers 2xx. */
export const precheckSchema = z
  .strictObject({
    command: z.array(z.string().min(1)).min(1).optional(),
    http: z.url({ protocol: /^https?$/, error: "must be an http:// or https:// URL" }).optional(),
    env: z.array(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*\*?$/)).default([]),
    deadline_secs: z.number().min(0.1).max(300).default(30),
  })
  .refine(
    ({ command, http }) => (command === undefined) !== (http === undefined),
    "needs either a command or an http address",
  );

export function prechecksOf(
  given: Readonly<Record<string, z.output<typeof precheckSchema>>>,
): Record<string, PrecheckConfig> {
  const prechecks: Record<string, PrecheckConfig> = {};
  for (const [name, { command, http, env, deadline_secs }] of Object.entries(given)) {
    const probe = agentProbeOf({ command, http });
    if (probe !== undefined) {
      prechecks[name] = { name, probe, env, deadlineMs: deadline_secs * 1000 };
    }
  }
  return prechecks;
}
