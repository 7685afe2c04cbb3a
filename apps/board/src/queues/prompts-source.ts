import { type BoardStore, MOST_PROMPTS_BY_POSITION, type Picture } from "@pilotlight/channels";
import { PROMPT_STATES, type PromptState } from "@pilotlight/contracts";
import { promptEntry, STATUS_OF_PROMPT } from "../entries/prompt-entry.ts";
import { promptLog } from "./prompt-log.ts";
import { PROMPTS_QUEUE } from "./queue-names.ts";
import type { QueueSource, ShownStatus } from "./queue-source.ts";

const STATUSES = ["active", "waiting", "completed", "failed"] as const;

/** The journal as one queue: the recent prompts of all channels. */
export function promptsSource(store: BoardStore, picture: Picture): QueueSource {
  return {
    name: PROMPTS_QUEUE,
    title: "prompts",
    description: describe(picture),
    statuses: STATUSES,
    counts: Object.fromEntries(STATUSES.map((status) => [status, count(picture, status)])),

    async list(status, start, wanted) {
      if (count(picture, status) === 0) {
        return [];
      }
      const prompts = await store.listPrompts(statesIn(status), start, wanted);
      return prompts.map((prompt) => promptEntry(prompt, "short"));
    },

    async find(id) {
      const prompt = await store.getPrompt(id);
      return prompt === undefined ? undefined : promptEntry(prompt, "full");
    },

    log: (id) => promptLog(store, id),
  };
}

function statesIn(status: ShownStatus): PromptState[] {
  return PROMPT_STATES.filter((state) => STATUS_OF_PROMPT[state] === status);
}

/** No more than can be paged to, so that the last page is not an empty one. */
function count(picture: Picture, status: ShownStatus): number {
  const all = statesIn(status).reduce((sum, state) => sum + picture.prompts[state], 0);
  return Math.min(all, MOST_PROMPTS_BY_POSITION);
}

function describe({ prompts }: Picture): string {
  const states = PROMPT_STATES.filter((state) => prompts[state] > 0);
  const counts = states.map((state) => `${prompts[state]} ${state}`).join(", ");
  const isDeep = states.some((state) => prompts[state] > MOST_PROMPTS_BY_POSITION);
  const newest = isDeep ? ` · the newest ${MOST_PROMPTS_BY_POSITION} of each` : "";
  return `${counts || "no prompts yet"}${newest}`;
}
