import type { createBullBoard } from "@bull-board/api";
import type { BoardStore, Picture } from "@pilotlight/channels";
import { blockedSource } from "./blocked-source.ts";
import { channelSource } from "./channel-source.ts";
import { promptsSource } from "./prompts-source.ts";
import { questionsSource } from "./questions-source.ts";
import { ReadOnlyAdapter } from "./read-only-adapter.ts";
import { schedulesSource } from "./schedules-source.ts";
import { sessionsSource } from "./sessions-source.ts";
import { workersSource } from "./workers-source.ts";

/** The queues of the board, made anew from what is in Redis. */
export interface BoardQueues {
  /** Resolves once the queues show what was there at most `FRESH_MS` ago. */
  refresh(): Promise<void>;
}

/** Polls of several windows, and the requests of one page, share a picture for this long. */
const FRESH_MS = 500;
/** Every channel is an entry in the page's menu: more than these help nobody. */
const MOST_CHANNELS = 500;

type ReplaceQueues = ReturnType<typeof createBullBoard>["replaceQueues"];

export function createBoardQueues(store: BoardStore, replaceQueues: ReplaceQueues): BoardQueues {
  let freshUntilMs = 0;
  let reading: Promise<void> | undefined;

  async function read(): Promise<void> {
    try {
      const picture = await store.readPicture(MOST_CHANNELS);
      replaceQueues(adaptersOf(store, picture));
      freshUntilMs = performance.now() + FRESH_MS;
    } finally {
      reading = undefined;
    }
  }

  return {
    async refresh() {
      if (performance.now() >= freshUntilMs) {
        reading ??= read();
        await reading;
      }
    },
  };
}

function adaptersOf(store: BoardStore, picture: Picture): ReadOnlyAdapter[] {
  return [
    promptsSource(store, picture),
    sessionsSource(picture),
    blockedSource(picture),
    questionsSource(store, picture),
    schedulesSource(store, picture),
    workersSource(picture),
    ...picture.channels.map((shown) => channelSource(store, shown, picture.atMs)),
  ].map((source) => new ReadOnlyAdapter(source));
}
