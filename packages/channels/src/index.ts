export {
  type BoardStore,
  type OpenBoardStoreOptions,
  openBoardStore,
} from "./board/board-store.ts";
export type { BlockedChannel } from "./board/read-blocked.ts";
export type { Picture, ShownChannel } from "./board/read-picture.ts";
export type {
  CallbackOutbox,
  ClaimCallbacksInput,
  ClaimedCallback,
  FinishedCallback,
} from "./callbacks/callback-outbox.ts";
export type { ChannelRecord, ChannelSession, SessionEnding } from "./channel/channel-record.ts";
export { type ChannelCursor, parseChannelCursor } from "./channel/list-channels.ts";
export type {
  ChannelsClient,
  DecideOutcome,
  EnqueueInput,
  EnqueueOutcome,
  Page,
  PromptFilter,
  StreamOptions,
} from "./channels-client.ts";
export { compareEventIds, EVENT_ID_PATTERN, NO_EVENT_ID } from "./events/event-id.ts";
export type { PromptEvents } from "./events/read-prompt-events.ts";
export type { LiveAgent, LiveSession, LiveWorker, WorkerDescription } from "./live/live-session.ts";
export type { WorkerHealth } from "./live/read-live.ts";
export { type OpenChannelsClientOptions, openChannelsClient } from "./open-channels-client.ts";
export { LeaseLostError } from "./ownership/lease-lost-error.ts";
export type {
  DispatchOutcome,
  IdleOutcome,
  JoinedPrompt,
  NewEvent,
  NotTaken,
  OwnedChannel,
  PromptStanding,
  RecoverInput,
  SettleInput,
} from "./ownership/owned-channel.ts";
export {
  openWorkerRegistry,
  type RegisteredWorker,
  type WorkerRegistry,
} from "./ownership/worker-registry.ts";
export {
  type Lease,
  openWorkerStore,
  type TickOutcome,
  type WorkerStore,
} from "./ownership/worker-store.ts";
export type { CancelOutcome } from "./prompts/cancel-prompt.ts";
export type { PromptCounts } from "./prompts/count-prompts.ts";
export type { Interruption } from "./prompts/interruption-record.ts";
export { MOST_PROMPTS_BY_POSITION } from "./prompts/newest-prompts.ts";
export type { PromptResult } from "./prompts/prompt-record.ts";
export type {
  AskInput,
  AskOutcome,
  OwnedQuestions,
  TakenQuestion,
} from "./questions/owned-questions.ts";
export type { ShownQuestion } from "./questions/question-record.ts";
export type {
  AnswerInput,
  AnswerOutcome,
  QuestionFilter,
  QuestionStore,
} from "./questions/question-store.ts";
export { isQuestionCursor } from "./questions/read-questions.ts";
export { channelOfQueueName, queueNameOf } from "./queue/queue-name.ts";
export type { ChannelJob, JobCounts, JobState } from "./queue/read-jobs.ts";
export type { Timers } from "./schedules/open-timers.ts";
export type { PutCondition } from "./schedules/put-schedule.ts";
export type { PutOutcome, ScheduleStore } from "./schedules/schedule-store.ts";
export { StoreUnavailableError } from "./store-unavailable-error.ts";
