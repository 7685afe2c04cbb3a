/** One callback, as the outbox has it. */
export interface Callback {
  /** The same however often it is sent: receivers drop what they have seen. Letters, digits, `_` and `-`. */
  readonly id: string;
  readonly url: string;
  readonly type: string;
  readonly promptId: string;
  readonly channel: string;
  /** When it happened, Unix milliseconds. */
  readonly at: number;
  /** What else the event says. */
  readonly data: Readonly<Record<string, unknown>>;
}

/**
 * What went wrong with one try. Stable.
 *
 * - `refused`: the endpoint answered with another status than 2xx
 * - `gone`: with 410: it wants no more
 * - `redirected`: with a redirect, which is not followed
 * - `blocked_address`: its name led to a private address; nothing was sent
 * - `url_not_allowed`: the configuration does not allow its URL any more
 * - `no_secret`: the configuration has no secret for it any more
 * - `timed_out`, `unreachable`, `tls_failed`: no answer came, and why
 */
export type CallbackError =
  | "refused"
  | "gone"
  | "redirected"
  | "blocked_address"
  | "url_not_allowed"
  | "no_secret"
  | "timed_out"
  | "unreachable"
  | "tls_failed";

export interface CallbackFailure {
  readonly at: "failed";
  readonly code: CallbackError;
  /** HTTP status, where one came. */
  readonly status?: number;
  /** How long the endpoint wants to be left alone. */
  readonly retryAfterMs?: number;
  /** `again`: worth another try. `never`: this one is not. `all`: nothing more is to be sent for its prompt. */
  readonly retry: "again" | "never" | "all";
}

export type Delivery = { readonly at: "delivered"; readonly status: number } | CallbackFailure;
