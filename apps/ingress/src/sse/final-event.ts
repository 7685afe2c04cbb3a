import type { ChannelEvent, FinalPromptState, Prompt } from "@pilotlight/contracts";

/** The end of a turn as its record tells it, with the whole answer. It has no id: the log holds none any more. */
export function finalEventOf(prompt: Prompt, state: FinalPromptState): ChannelEvent {
  const { id: promptId, stopReason, text, textTruncated, error, session, timings, usage } = prompt;
  return {
    id: "",
    type: state,
    promptId,
    data: JSON.stringify({
      promptId,
      state,
      stopReason,
      text,
      textTruncated,
      error,
      session,
      timings,
      usage,
    }),
  };
}
