import type {
  Occurrence,
  Prompt,
  PromptState,
  Question,
  ScheduleView,
} from "@pilotlight/contracts";
import type { Logger } from "@pilotlight/lifecycle";
import { connectRedis, whenReady } from "@pilotlight/redis";
import { ANSWER_WAIT_MS, callStore } from "../call-store.ts";
import { type PromptEvents, readPromptEvents } from "../events/read-prompt-events.ts";
import { newestPrompts } from "../prompts/newest-prompts.ts";
import { readPrompt } from "../prompts/read-prompts.ts";
import { readQuestion } from "../questions/read-questions.ts";
import { type ChannelJob, type JobState, readJob, readJobs } from "../queue/read-jobs.ts";
import { listOccurrences, readSchedule } from "../schedules/read-schedules.ts";
import { viewOf } from "../schedules/schedule-record.ts";
import { pendingQuestions } from "./board-questions.ts";
import { dueSchedules, finishedSchedules } from "./board-schedules.ts";
import { type Picture, readPicture } from "./read-picture.ts";

/**
 * What the board may ask of Redis, over one connection. There is nothing here that writes.
 * Every call has a deadline and fails with a `StoreUnavailableError`.
 */
export interface BoardStore {
  readPicture(mostChannels: number): Promise<Picture>;
  /** Newest first, by position. */
  listJobs(
    channel: string,
    state: JobState,
    start: number,
    count: number,
  ): Promise<readonly ChannelJob[]>;
  getJob(channel: string, id: string): Promise<ChannelJob | undefined>;
  /** Newest first, by position; goes back `MOST_PROMPTS_BY_POSITION` at most. */
  listPrompts(
    states: readonly PromptState[],
    start: number,
    count: number,
  ): Promise<readonly Prompt[]>;
  getPrompt(id: string): Promise<Prompt | undefined>;
  /** Looks at `most` entries of the channel's log at most. */
  listPromptEvents(id: string, most: number): Promise<PromptEvents>;
  /** By position: those with a due time ahead, the next one first; or those without, by their ids. */
  listSchedules(
    which: "due" | "finished",
    start: number,
    count: number,
  ): Promise<readonly ScheduleView[]>;
  getSchedule(id: string): Promise<ScheduleView | undefined>;
  /** What became of its due times, the newest first. */
  listOccurrences(id: string, most: number): Promise<readonly Occurrence[]>;
  /** The pending ones, those that expire first ahead, by position. */
  listQuestions(start: number, count: number): Promise<readonly Question[]>;
  getQuestion(id: string): Promise<Question | undefined>;
  close(): void;
}

export interface OpenBoardStoreOptions {
  readonly url: string;
  /** Shown by `CLIENT LIST`. */
  readonly name: string;
  readonly log: Logger;
}

const CONNECT_WAIT_MS = 10_000;

/** @throws when Redis cannot be reached within 10 s; later interruptions are survived. */
export async function openBoardStore(options: OpenBoardStoreOptions): Promise<BoardStore> {
  const redis = connectRedis({ ...options, answerWithinMs: ANSWER_WAIT_MS });
  try {
    await whenReady(redis, CONNECT_WAIT_MS);
  } catch (error) {
    redis.disconnect();
    throw error;
  }
  const read = <T>(command: () => Promise<T>) => callStore(redis, false, command);

  return {
    readPicture: (mostChannels) => read(() => readPicture(redis, mostChannels)),
    listJobs: (channel, state, start, count) =>
      read(() => readJobs(redis, channel, state, start, count)),
    getJob: (channel, id) => read(() => readJob(redis, channel, id)),
    listPrompts: (states, start, count) => read(() => newestPrompts(redis, states, start, count)),
    getPrompt: (id) => read(() => readPrompt(redis, id)),
    listPromptEvents: (id, most) => read(() => readPromptEvents(redis, id, most)),
    listSchedules: (which, start, count) =>
      read(() => (which === "due" ? dueSchedules : finishedSchedules)(redis, start, count)),
    getSchedule: (id) =>
      read(async () => {
        const record = await readSchedule(redis, id);
        return record === undefined ? undefined : viewOf(record);
      }),
    listOccurrences: (id, most) => read(async () => (await listOccurrences(redis, id, most)).items),
    listQuestions: (start, count) => read(() => pendingQuestions(redis, start, count)),
    getQuestion: (id) => read(() => readQuestion(redis, id)),
    close: () => redis.disconnect(),
  };
}
