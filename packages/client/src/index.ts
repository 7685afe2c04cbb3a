export { ApiError } from "./api-error.ts";
export {
  type CallOptions,
  createClient,
  type EnqueueOptions,
  type PageQuery,
  type PilotlightClient,
  type PromptQuery,
  type QuestionQuery,
  type StreamOptions,
} from "./create-client.ts";
export type { StreamedEvent } from "./streamed-event.ts";
