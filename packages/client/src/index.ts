export { ApiError } from "./api-error.ts";
export {
  createClient,
  type EnqueueOptions,
  type PilotlightClient,
  type PromptPage,
  type PromptQuery,
} from "./create-client.ts";
export type { StreamOptions } from "./read-stream.ts";
export type { StreamedEvent } from "./streamed-event.ts";
