export type {
  ChannelsClient,
  EnqueueInput,
  EnqueueOutcome,
  Page,
  PromptFilter,
  StreamOptions,
} from "./channels-client.ts";
export { StoreUnavailableError } from "./store-unavailable-error.ts";
