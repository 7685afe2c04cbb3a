import { agentHealthViewSchema, SESSION_STATES, standbyFiguresSchema } from "@pilotlight/contracts";
import { z } from "zod";

/** What an owner keeps in Redis of its session; `idleSince` is Unix milliseconds. */
export const liveSessionSchema = z.object({
  state: z.enum(SESSION_STATES),
  fence: z.number(),
  agent: z.string(),
  pid: z.number().optional(),
  sessionId: z.string().optional(),
  idleSince: z.number().optional(),
  promptId: z.string().optional(),
});
export type LiveSession = z.infer<typeof liveSessionSchema>;

/** What a worker knows of an agent; `answered` names the last wish for a probe that it has seen to. */
export const liveAgentSchema = agentHealthViewSchema.extend({ answered: z.number().optional() });
export type LiveAgent = z.infer<typeof liveAgentSchema>;

/** A worker's own figures and the sampled memory of its sessions, in the `LIVE_WORKER_FIELD`. */
export const liveWorkerSchema = z.object({
  state: z.enum(["running", "draining"]),
  rssBytes: z.number(),
  sessionRssBytes: z.record(z.string(), z.number()),
  standbyRssBytes: z.number().optional(),
  standby: standbyFiguresSchema.optional(),
  /** By name. */
  agents: z.record(z.string(), liveAgentSchema).optional(),
});
export type LiveWorker = z.infer<typeof liveWorkerSchema>;

/** A space begins no channel id, so this field cannot be mistaken for one. */
export const LIVE_WORKER_FIELD = " worker";

/** The static description of an incarnation in `workers`. */
export const workerDescriptionSchema = z.object({
  host: z.string(),
  pid: z.number(),
  maxSessions: z.number(),
  startedAt: z.number(),
  /** How long its channels stay its own when it is lost: as long others wait where Redis may have forgotten. */
  leaseTtlMs: z.number(),
  /** Boot id and pid namespace, where there is a /proc: whoever shares them can tell whether the process lives. */
  place: z.string().optional(),
  /** Field 22 of /proc/<pid>/stat: tells the process from another one under a reused pid. */
  startTicks: z.number().optional(),
  /** The mark that its agents carry in their environment. */
  agentOwner: z.string().optional(),
});
export type WorkerDescription = z.infer<typeof workerDescriptionSchema>;
