/**
 * Every `code` that an answer of the HTTP API may carry, with its status and what it says for short.
 * Codes are stable: programs may decide by them.
 */
export const PROBLEM_CODES = {
  // The request as such.
  http_malformed: { status: 400, title: "The request is not valid HTTP" },
  url_malformed: { status: 400, title: "The URL is malformed" },
  host_not_allowed: { status: 421, title: "This host name is not served here" },
  origin_not_allowed: { status: 403, title: "This origin may not call" },
  request_timeout: { status: 408, title: "The request took too long to arrive" },
  expectation_failed: { status: 417, title: "The expectation cannot be met" },
  headers_too_large: { status: 431, title: "The headers are too large" },
  url_too_long: { status: 414, title: "The URL is too long" },
  route_not_found: { status: 404, title: "There is no such route" },
  method_not_allowed: { status: 405, title: "The route does not take this method" },
  // Who asks.
  unauthenticated: { status: 401, title: "A valid API key is needed" },
  key_in_query: { status: 400, title: "An API key must not be part of a URL" },
  rate_limited: { status: 429, title: "Too many requests" },
  // The body.
  body_required: { status: 400, title: "A body is needed" },
  body_too_large: { status: 413, title: "The body is too large" },
  unsupported_media_type: { status: 415, title: "The body must be JSON" },
  unsupported_encoding: { status: 415, title: "The body must not be compressed" },
  invalid_utf8: { status: 400, title: "The body is not valid UTF-8" },
  json_malformed: { status: 400, title: "The body is not valid JSON" },
  json_too_deep: { status: 400, title: "The body is nested too deeply" },
  object_required: { status: 422, title: "The body must be a JSON object" },
  // Fields and parameters.
  unknown_field: { status: 422, title: "A field is not known" },
  wrong_type: { status: 422, title: "A field has the wrong type" },
  invalid_value: { status: 422, title: "A field has a value that is not allowed" },
  prompt_required: { status: 422, title: "A prompt is needed" },
  prompt_too_large: { status: 413, title: "The prompt is too large" },
  control_character: { status: 422, title: "The text holds a character that is not allowed" },
  invalid_unicode: { status: 422, title: "The text is not valid Unicode" },
  metadata_too_large: { status: 422, title: "The metadata is too large" },
  invalid_channel: { status: 422, title: "This is not a channel id" },
  unknown_agent: { status: 422, title: "There is no such agent" },
  cwd_not_allowed: { status: 422, title: "The working directory is not allowed" },
  mcp_not_allowed: { status: 403, title: "This tool server is not allowed" },
  invalid_schedule: { status: 422, title: "This is not a schedule id" },
  invalid_id: { status: 422, title: "This is not a prompt id" },
  invalid_idempotency_key: { status: 422, title: "The Idempotency-Key is not usable" },
  idempotency_key_reused: { status: 422, title: "The Idempotency-Key was used for another body" },
  invalid_event_id: { status: 422, title: "The Last-Event-ID is not one of ours" },
  // What is there, and how much fits.
  schedule_not_found: { status: 404, title: "There is no such schedule" },
  precondition_failed: { status: 412, title: "The schedule was changed meanwhile" },
  schedule_finished: { status: 409, title: "The schedule is finished" },
  too_many_schedules: { status: 429, title: "There are too many schedules" },
  prompt_not_found: { status: 404, title: "There is no such prompt" },
  agent_not_found: { status: 404, title: "There is no such agent" },
  channel_busy: { status: 409, title: "The channel has prompts that are not finished" },
  already_finished: { status: 409, title: "The prompt is finished already" },
  no_decision_needed: { status: 409, title: "The prompt does not wait for a decision" },
  already_decided: { status: 409, title: "It was decided otherwise already" },
  queue_full: { status: 429, title: "The channel's queue is full" },
  too_many_streams: { status: 429, title: "Too many event streams are open" },
  overloaded: { status: 503, title: "Too many prompts are waiting" },
  // The service.
  store_unavailable: { status: 503, title: "The store cannot be reached" },
  draining: { status: 503, title: "The service is shutting down" },
  board_unavailable: { status: 503, title: "The board cannot be reached" },
  internal_error: { status: 500, title: "Something went wrong here" },
} as const satisfies Record<string, { readonly status: number; readonly title: string }>;

export type ProblemCode = keyof typeof PROBLEM_CODES;
