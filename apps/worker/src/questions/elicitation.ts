import { visibleText } from "@pilotlight/contracts";
import { fingerprint } from "@pilotlight/permissions";
import type { ElicitationAsk } from "@pilotlight/sessions";

/** What people are shown of an elicitation, and what binds their answer to it. */
export interface ShownElicitation {
  readonly hash: string;
  readonly message: string;
  readonly form?: Record<string, unknown>;
  readonly url?: string;
}

const MOST_MESSAGE_CHARS = 8192;
const MOST_FORM_CHARS = 32_768;
const MOST_URL_CHARS = 4096;

/** Undefined where nobody could be shown it: too large, or a page that is not on the web. */
export function describeElicitation(asked: ElicitationAsk): ShownElicitation | undefined {
  const { mode, message } = asked;
  if (message.length > MOST_MESSAGE_CHARS) {
    return undefined;
  }
  if (mode === "url") {
    const url = webAddress(asked.url);
    return url === undefined
      ? undefined
      : { hash: fingerprint({ mode, message, url }), message: visibleText(message), url };
  }
  const form = { ...asked.requestedSchema };
  if (JSON.stringify(form).length > MOST_FORM_CHARS) {
    return undefined;
  }
  return { hash: fingerprint({ mode, message, form }), message: visibleText(message), form };
}

/** In ASCII, so that no letter looks like another one. */
function webAddress(text: string): string | undefined {
  if (text.length > MOST_URL_CHARS || !URL.canParse(text)) {
    return undefined;
  }
  const { protocol, href } = new URL(text);
  return protocol === "https:" || protocol === "http:" ? href : undefined;
}

type Value = string | number | boolean | string[];

/** The form's fields; others than the protocol knows are left out. */
export function contentOf(
  content: Readonly<Record<string, unknown>> | undefined,
): Record<string, Value> {
  const values: Record<string, Value> = {};
  for (const [name, value] of Object.entries(content ?? {})) {
    if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") {
      values[name] = value;
    } else if (Array.isArray(value) && value.every((part) => typeof part === "string")) {
      values[name] = value;
    }
  }
  return values;
}
