import type { QueueJobJson } from "@bull-board/api/typings/app";
import type { Prompt, PromptState } from "@pilotlight/contracts";
import type { Entry, ShownStatus } from "../queues/queue-source.ts";
import { shorten, type TextLength } from "./shorten.ts";

/** Where the board lists a prompt of a state. A turn that waits for a person is still under way. */
export const STATUS_OF_PROMPT: Readonly<Record<PromptState, ShownStatus>> = {
  accepted: "waiting",
  running: "active",
  waiting: "active",
  completed: "completed",
  cancelled: "completed",
  failed: "failed",
  interrupted: "failed",
};

/** States that the list they are in does not tell. */
const NAMED_STATES: readonly PromptState[] = ["waiting", "cancelled", "interrupted"];

/** A prompt of the journal, named after its channel. */
export function promptEntry(prompt: Prompt, length: TextLength): Entry {
  return { status: STATUS_OF_PROMPT[prompt.state], json: promptJson(prompt, length) };
}

/** Input on the left of Bull Board's tabs, what came of it on the right. */
export function promptJson(prompt: Prompt, length: TextLength): QueueJobJson {
  const attempt = prompt.attempts.at(-1);
  const isNamed = NAMED_STATES.includes(prompt.state);
  return {
    id: prompt.id,
    name: isNamed ? `${prompt.channel} (${prompt.state})` : prompt.channel,
    timestamp: prompt.acceptedAt,
    processedOn: attempt?.at ?? null,
    processedBy: attempt?.worker ?? null,
    finishedOn: prompt.finishedAt ?? null,
    progress: planPercent(prompt),
    attemptsMade: prompt.attempts.length,
    data: {
      prompt: shorten(prompt.prompt, length),
      channel: prompt.channel,
      surface: prompt.surface,
      state: prompt.state,
      ...(prompt.metadata === undefined ? {} : { metadata: prompt.metadata }),
    },
    returnvalue: resultOf(prompt, length),
    failedReason: failedReasonOf(prompt),
    // Where there is a stack trace, Bull Board shows it instead of the reason.
    stacktrace:
      prompt.error?.stderr === undefined
        ? []
        : [`${failedReasonOf(prompt)}\n\n${prompt.error.stderr}`],
    opts: {},
  };
}

function resultOf(prompt: Prompt, length: TextLength): Record<string, unknown> | null {
  if (prompt.attempts.length === 0 && prompt.finishedAt === undefined) {
    return null;
  }
  return {
    ...(prompt.text === undefined ? {} : { text: shorten(prompt.text, length) }),
    ...(prompt.textTruncated === undefined ? {} : { textTruncated: prompt.textTruncated }),
    ...(prompt.stopReason === undefined ? {} : { stopReason: prompt.stopReason }),
    ...(prompt.session === undefined ? {} : { session: prompt.session }),
    timings: prompt.timings,
    ...(prompt.usage === undefined ? {} : { usage: prompt.usage }),
    ...(prompt.plan === undefined ? {} : { plan: prompt.plan }),
    attempts: prompt.attempts,
  };
}

function failedReasonOf(prompt: Prompt): string {
  if (STATUS_OF_PROMPT[prompt.state] !== "failed") {
    return "";
  }
  return prompt.error === undefined
    ? prompt.state
    : `[${prompt.error.code}] ${prompt.error.message}`;
}

/** How much of the agent's plan is done; 100 once the turn is completed. */
function planPercent(prompt: Prompt): number {
  if (prompt.state === "completed") {
    return 100;
  }
  const plan = prompt.plan ?? [];
  const done = plan.filter((entry) => entry.status === "completed").length;
  return plan.length === 0 ? 0 : Math.floor((done / plan.length) * 100);
}
