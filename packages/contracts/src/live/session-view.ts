import { z } from "zod";

/** `cold` has no record: a channel without a session is simply not listed. */
export const SESSION_STATES = [
  "warming",
  "warm",
  "busy",
  "waiting",
  "closing",
  "degraded",
] as const;
export type SessionState = (typeof SESSION_STATES)[number];

/** One live session as `GET /v1/sessions` lists it. */
export const sessionViewSchema = z.object({
  channel: z.string(),
  state: z.enum(SESSION_STATES),
  worker: z.string(),
  fence: z.number(),
  agent: z.string(),
  pid: z.number().optional(),
  sessionId: z.string().optional(),
  /** Milliseconds since the last turn ended (or since it opened); 0 while busy. */
  idleMs: z.number(),
  /** Resident memory of the agent's whole process tree; sampled. */
  rssBytes: z.number().optional(),
  /** The prompt it works on while busy. */
  promptId: z.string().optional(),
});
export type SessionView = z.infer<typeof sessionViewSchema>;

/** Sessions that a worker has opened ahead of the channels that will need them. */
export const standbyFiguresSchema = z.object({
  ready: z.number(),
  adopted: z.number(),
  /** Channels that found none ready. */
  missed: z.number(),
  /** Permissions that agents asked for while they were opened ahead; rejected. */
  rejectedRequests: z.number(),
});
export type StandbyFigures = z.infer<typeof standbyFiguresSchema>;

/** One worker incarnation as `GET /v1/workers` lists it. */
export const workerViewSchema = z.object({
  id: z.string(),
  host: z.string(),
  pid: z.number(),
  state: z.enum(["running", "draining"]),
  sessions: z.number(),
  maxSessions: z.number(),
  standby: standbyFiguresSchema.optional(),
  startedAt: z.number(),
  rssBytes: z.number().optional(),
});
export type WorkerView = z.infer<typeof workerViewSchema>;
