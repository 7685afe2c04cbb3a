import { z } from "zod";

/**
 * How an agent is, the best first.
 *
 * - `warm`: seen well within the last five minutes
 * - `healthy`: seen well within 1.2 probe intervals
 * - `cold`: not known, or not seen for longer
 * - `dead`: what was last seen of it was a failure
 * - `limited`: its usage limit is hit, and the reset is not reached
 */
export const AGENT_STATES = ["warm", "healthy", "cold", "dead", "limited"] as const;
export type AgentState = (typeof AGENT_STATES)[number];

/** What one worker knows of one agent. Times are Unix milliseconds. */
export const agentHealthViewSchema = z.object({
  state: z.enum(AGENT_STATES),
  /** When this worker saw it come into this state. */
  since: z.number(),
  lastGoodAt: z.number().optional(),
  lastProbeAt: z.number().optional(),
  /** Why it is not well, or why nothing is known of it. */
  reason: z.string().optional(),
  /** How often it was seen well, and how often it failed, since the worker started. */
  good: z.number(),
  failed: z.number(),
  limitedUntil: z.number().optional(),
});
export type AgentHealthView = z.infer<typeof agentHealthViewSchema>;

/** One agent over all workers, as `GET /api/health/:agent` answers it: the state of the worker where it is best. */
export const agentHealthSchema = z.object({
  agent: z.string(),
  state: z.enum(AGENT_STATES),
  reason: z.string().optional(),
  lastGoodAt: z.number().optional(),
  limitedUntil: z.number().optional(),
  workers: z.array(agentHealthViewSchema.extend({ worker: z.string(), host: z.string() })),
});
export type AgentHealth = z.infer<typeof agentHealthSchema>;

/** `POST /api/health/:agent/probe` */
export const agentProbedSchema = agentHealthSchema.extend({
  /** Live workers that did not answer in time. */
  unanswered: z.array(z.string()),
});
export type AgentProbed = z.infer<typeof agentProbedSchema>;

/** `GET /api/health` */
export const healthSchema = z.object({
  /** `degraded` where no worker runs, or an agent that is watched is dead or limited. */
  status: z.enum(["ok", "degraded"]),
  defaultAgent: z.string(),
  agents: z.array(agentHealthSchema),
  redis: z.object({ status: z.literal("ok"), pingMs: z.number() }),
  /** How often each thing was done that nobody hopes for, since this Redis was first used: `questionsExpired`, `recaps`... */
  counts: z.record(z.string(), z.number()),
  workers: z.number(),
});
export type Health = z.infer<typeof healthSchema>;
