export type {
  ChannelsClient,
  EnqueueInput,
  EnqueueOutcome,
  Page,
  PromptFilter,
  StreamOptions,
} from "./channels-client.ts";
export { compareEventIds, EVENT_ID_PATTERN, NO_EVENT_ID } from "./events/event-id.ts";
export type { LiveSession, LiveWorker, WorkerDescription } from "./live/live-session.ts";
export { type OpenChannelsClientOptions, openChannelsClient } from "./open-channels-client.ts";
export { LeaseLostError } from "./ownership/lease-lost-error.ts";
export type {
  DispatchOutcome,
  IdleOutcome,
  NewEvent,
  OwnedChannel,
  SettleInput,
} from "./ownership/owned-channel.ts";
export { openWorkerStore, type TickOutcome, type WorkerStore } from "./ownership/worker-store.ts";
export type { PromptResult } from "./prompts/prompt-record.ts";
export { channelOfQueueName, queueNameOf } from "./queue/queue-name.ts";
export { StoreUnavailableError } from "./store-unavailable-error.ts";
