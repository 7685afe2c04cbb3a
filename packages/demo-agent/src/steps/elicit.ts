import { randomUUID } from "node:crypto";
import type {
  CreateElicitationRequest,
  CreateElicitationResponse,
  ElicitationPropertySchema,
} from "@agentclientprotocol/sdk";
import { countOf } from "../parse-prompt.ts";
import type { Turn } from "../turn.ts";
import type { Step } from "./step.ts";

const MAX_DELAY_MS = 600_000;

/** One of every kind of field that a form may have. */
const FIELDS: Readonly<Record<string, ElicitationPropertySchema>> = {
  name: { type: "string", title: "Name", minLength: 1, maxLength: 40 },
  colour: { type: "string", title: "Colour", enum: ["red", "green", "blue"] },
  count: { type: "integer", title: "How many", minimum: 1, maximum: 10 },
  share: { type: "number", title: "Share", minimum: 0, maximum: 1 },
  sure: { type: "boolean", title: "Sure?", default: false },
  tags: { type: "array", title: "Tags", items: { type: "string", enum: ["old", "new"] } },
};

/**
 * `[[elicit form FIELD...]]`: asks for these fields (default: all), the first of them required; says what came.
 * `[[elicit url URL MS]]`: sends a person to URL; where MS is given, it tells after so long that they were there.
 */
export const elicit: Step = async (turn, [mode = "form", ...args]) => {
  await turn.say(
    mode === "url" ? await askVisit(turn, args) : await askElicitation(turn, formOf(turn, args)),
  );
};

/** What came of it, as a sentence. Aborting the signal takes the question back. */
export async function askElicitation(
  turn: Turn,
  request: CreateElicitationRequest,
  signal?: AbortSignal,
): Promise<string> {
  try {
    const response = await turn.client.request(
      "elicitation/create",
      request,
      signal === undefined ? {} : { cancellationSignal: signal },
    );
    turn.signal.throwIfAborted();
    return `Elicitation: ${describe(response)}.`;
  } catch (error) {
    turn.signal.throwIfAborted();
    return `Elicitation: error: ${error instanceof Error ? error.message : String(error)}.`;
  }
}

export function formOf(turn: Turn, names: readonly string[]): CreateElicitationRequest {
  const wanted = names.length === 0 ? Object.keys(FIELDS) : names.filter((name) => name in FIELDS);
  return {
    sessionId: turn.conversation.sessionId,
    mode: "form",
    message: "I need to know more before I go on.",
    requestedSchema: {
      type: "object",
      properties: Object.fromEntries(
        wanted.map((name) => [name, FIELDS[name] as ElicitationPropertySchema]),
      ),
      required: wanted.slice(0, 1),
    },
  };
}

async function askVisit(turn: Turn, [url, afterMs]: readonly string[]): Promise<string> {
  const elicitationId = `visit-${randomUUID()}`;
  const asking = askElicitation(turn, {
    sessionId: turn.conversation.sessionId,
    mode: "url",
    message: "Please log in there.",
    url: url ?? "https://example.com/login",
    elicitationId,
  });
  if (afterMs !== undefined) {
    await turn.pause(countOf(afterMs, 50, MAX_DELAY_MS));
    await turn.client.notify("elicitation/complete", { elicitationId });
  }
  return await asking;
}

function describe(response: CreateElicitationResponse): string {
  const content = "content" in response && response.content != null ? response.content : undefined;
  return content === undefined
    ? response.action
    : `${response.action} ${JSON.stringify(content).replaceAll("]]", "] ]")}`;
}
