import { parseResetTime } from "./parse-reset-time.ts";

/** An agent's account has spent what it may. `resetsAtMs` is Unix time, where the agent told it. */
export interface UsageLimit {
  readonly message: string;
  readonly resetsAtMs?: number;
}

/**
 * What agents say whose usage limit is hit, in an error or in place of an answer. Seen with claude-agent-acp 0.100
 * (`errorKind: "rate_limit"`), codex-acp 2.6 ("exceeded retry limit, last status: 429"), Gemini's `RESOURCE_EXHAUSTED`,
 * and the words of their accounts' limits.
 */
const LIMIT =
  /usage limit|rate.?limit|quota (?:is |was |has been )?(?:exceeded|exhausted)|exceeded your (?:current )?quota|resource.?exhausted|too many requests|exceeded retry limit|limit reached|hit your (?:\w+ )?limit|\b429\b/i;

/** Codex ends a turn normally and says it as its answer; a longer text speaks about limits, it does not hit one. */
const MOST_ANSWER_CHARS = 400;
const ANSWER =
  /^\W*(?:you(?:'|’)ve hit your|you have hit your|you(?:'|’)ve reached your|claude (?:ai )?usage limit reached|exceeded retry limit|stream error: exceeded retry limit|(?:5-hour|weekly|usage|session) limit reached|rate limit reached)/i;

/** The limit that an error of the agent tells of, if it does. */
export function usageLimitOfError(
  error: { readonly message: string; readonly data?: unknown },
  nowMs: number,
): UsageLimit | undefined {
  const data = error.data === undefined ? "" : JSON.stringify(error.data);
  const text = `${error.message} ${data}`;
  return LIMIT.test(text) ? limitOf(error.message, text, nowMs) : undefined;
}

/** The limit that a turn's whole answer consists of, if it does. */
export function usageLimitOfAnswer(answer: string, nowMs: number): UsageLimit | undefined {
  return answer.length <= MOST_ANSWER_CHARS && ANSWER.test(answer)
    ? limitOf(answer.trim(), answer, nowMs)
    : undefined;
}

function limitOf(message: string, text: string, nowMs: number): UsageLimit {
  const resetsAtMs = parseResetTime(text, nowMs);
  return { message, ...(resetsAtMs === undefined ? {} : { resetsAtMs }) };
}
