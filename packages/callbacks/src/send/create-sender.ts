import { type CallbackRules, checkTarget } from "../target/check-target.ts";
import { type Resolve, resolveBySystem } from "../target/guarded-lookup.ts";
import { type HostSecrets, secretsFor } from "../target/secrets-for.ts";
import type { Callback, CallbackFailure, Delivery } from "./callback.ts";
import { postOnce } from "./post-once.ts";
import { signCallback } from "./sign-callback.ts";

export interface SenderOptions {
  readonly rules: CallbackRules;
  readonly secrets: readonly HostSecrets[];
  /** For everything from resolving the name to the answer's status. */
  readonly deadlineMs: number;
  /** How names are resolved; default: as the system does. */
  readonly resolve?: Resolve;
}

/** Sends one callback, once. Never rejects: what goes wrong is an answer too. */
export interface CallbackSender {
  /** Where the signal aborts, the try ends as `timed_out`. */
  send(callback: Callback, signal: AbortSignal): Promise<Delivery>;
}

/** The rules are looked at again for each try: what was accepted may not be allowed any more. */
export function createSender(options: SenderOptions): CallbackSender {
  const { rules, secrets, deadlineMs, resolve = resolveBySystem } = options;
  return {
    async send(callback, signal) {
      const target = checkTarget(callback.url, rules);
      if (target.at === "refused") {
        return failed(target.isAddress ? "blocked_address" : "url_not_allowed", "never");
      }
      const active = secretsFor(target.url.hostname, secrets);
      if (active.length === 0) {
        return failed("no_secret", "again");
      }
      const body = bodyOf(callback);
      return await postOnce({
        url: target.url,
        headers: signCallback(callback.id, body, active, new Date()),
        body,
        signal,
        deadlineMs,
        ...(target.isNamed ? {} : { resolve }),
      });
    },
  };
}

/** What it is about comes first, and no event can pretend to be another one. */
function bodyOf({ type, id, promptId, channel, at, data }: Callback): string {
  const about = { type, id, promptId, channel, at };
  return JSON.stringify({ ...about, ...data, ...about });
}

function failed(code: CallbackFailure["code"], retry: CallbackFailure["retry"]): CallbackFailure {
  return { at: "failed", code, retry };
}
