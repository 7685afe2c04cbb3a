import { z } from "zod";

/** How to find out whether an agent works here, where starting it does not tell. */
export type AgentProbe =
  /** Run without a shell; works where it exits with 0. */
  | { readonly command: readonly string[] }
  /** Works where a GET is answered 2xx. */
  | { readonly http: string };

/** As `pilotlight.toml` has it: one of the two. */
export const agentProbeSchema = z
  .strictObject({
    command: z.array(z.string().min(1)).min(1).optional(),
    http: z.url({ protocol: /^https?$/, error: "must be an http:// or https:// URL" }).optional(),
  })
  .refine(
    ({ command, http }) => (command === undefined) !== (http === undefined),
    "needs either a command or an http address",
  );

export function agentProbeOf({
  command,
  http,
}: z.infer<typeof agentProbeSchema>): AgentProbe | undefined {
  if (command !== undefined) {
    return { command };
  }
  return http === undefined ? undefined : { http };
}
