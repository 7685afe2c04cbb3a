import {
  type Attempt,
  attemptSchema,
  type Prompt,
  planEntrySchema,
  promptErrorSchema,
  promptSchema,
  usageSchema,
} from "@pilotlight/contracts";
import { z } from "zod";

/** What settling writes as one JSON field: everything that is known only at the end. */
export const promptResultSchema = z.object({
  stopReason: z.string().optional(),
  firstTokenMs: z.number().optional(),
  usage: usageSchema.optional(),
  error: promptErrorSchema.optional(),
  textTruncated: z.boolean().optional(),
});
export type PromptResult = z.infer<typeof promptResultSchema>;

const planEventSchema = z.object({ entries: z.array(planEntrySchema) });

/** The hash of one prompt, decoded and checked: Redis data is not trusted on the way in. */
export function decodePrompt(id: string, fields: Record<string, string>): Prompt | undefined {
  if (fields.c === undefined || fields.st === undefined) {
    return undefined;
  }
  const acceptedAt = Number(fields.at);
  const dispatchedAt = optionalNumber(fields.di);
  const finishedAt = optionalNumber(fields.fi);
  const openMs = optionalNumber(fields.om);
  const result = fields.re === undefined ? {} : promptResultSchema.parse(JSON.parse(fields.re));
  const { firstTokenMs, ...outcome } = result;
  return promptSchema.parse({
    id,
    channel: fields.c,
    state: fields.st,
    seq: Number(fields.q),
    prompt: fields.pr,
    surface: fields.su,
    acceptedAt,
    finishedAt,
    onInterrupted: fields.oi,
    idempotent: fields.ip === undefined ? undefined : fields.ip === "1",
    notBefore: optionalNumber(fields.nb),
    permissions: fields.pm,
    mode: fields.mo,
    delivery: fields.dl ?? (fields.an === undefined ? undefined : "queued"),
    turn: fields.mt === undefined ? undefined : { id: fields.mt, eventId: fields.je },
    members: fields.ms === undefined ? undefined : JSON.parse(fields.ms),
    interruptedBy: fields.st === "cancelled" ? fields.ib : undefined,
    schedule: fields.sd === undefined ? undefined : decodeScheduled(fields.sd),
    waitingFor: fields.wf,
    waitingReason: fields.wr,
    waitingSince: optionalNumber(fields.ws),
    decision: fields.de === undefined ? undefined : JSON.parse(fields.de),
    metadata: fields.me === undefined ? undefined : JSON.parse(fields.me),
    text: fields.tx,
    session: fields.se === undefined ? undefined : JSON.parse(fields.se),
    attempts: decodeAttempts(fields),
    callbacks: fields.cb === undefined ? undefined : decodeCallbacks(fields),
    timings: {
      queuedMs:
        dispatchedAt === undefined
          ? undefined
          : Math.max(0, dispatchedAt - acceptedAt - (openMs ?? 0)),
      openMs,
      firstTokenMs,
      totalMs: finishedAt === undefined ? undefined : finishedAt - acceptedAt,
    },
    plan:
      fields.pl === undefined ? undefined : planEventSchema.parse(JSON.parse(fields.pl)).entries,
    ...outcome,
  });
}

/** Not the URL: it may hold a secret. */
function decodeCallbacks(fields: Record<string, string>): object {
  return {
    delivered: Number(fields.cd ?? 0),
    pending: Number(fields.cp ?? 0),
    failed: Number(fields.cf ?? 0),
    lastError: fields.cl === undefined ? undefined : JSON.parse(fields.cl),
  };
}

function decodeScheduled(text: string): { id: string; dueAt: number } {
  const at = text.indexOf(" ");
  return { id: text.slice(at + 1), dueAt: Number(text.slice(0, at)) };
}

function decodeAttempts(fields: Record<string, string>): Attempt[] {
  const count = Number(fields.an ?? 0);
  return Array.from({ length: count }, (_, index) => {
    const begun = JSON.parse(fields[`a${index + 1}`] ?? "{}");
    const ended = JSON.parse(fields[`ao${index + 1}`] ?? "{}");
    return attemptSchema.parse({ ...begun, ...ended });
  });
}

function optionalNumber(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Number(text);
}
