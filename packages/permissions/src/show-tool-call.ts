import { type ShownToolCall, shortText, visibleText } from "@pilotlight/contracts";
import { inputOf } from "./told-input.ts";
import type { ToolCallInput } from "./tool-call.ts";
import type { ToolFacts } from "./tool-facts.ts";

const MOST_TITLE_CHARS = 500;
const MOST_COMMAND_CHARS = 16_384;
const MOST_INPUT_CHARS = 8192;
const MOST_PATHS = 50;
const MOST_PATH_CHARS = 500;
/** Longer runs of blanks only serve to push what follows out of sight. */
const BLANKS = /[^\S\n]{33,}|\n(?:[^\S\n]*\n){8,}/g;

/** What people are shown: nothing in it is invisible, and what is left out is said. */
export function showToolCall(toolCall: ToolCallInput, facts: ToolFacts): ShownToolCall {
  const input = inputOf(toolCall) ?? (toolCall.content?.length ? toolCall.content : undefined);
  const paths = [...facts.paths, ...facts.outside].map((path) => {
    return cut(visibleText(path.replaceAll("\n", "␊")), MOST_PATH_CHARS).text;
  });
  const command = facts.command === undefined ? undefined : shown(facts.command);
  const json =
    input === undefined ? undefined : cut(shown(JSON.stringify(input, null, 1)), MOST_INPUT_CHARS);
  return {
    toolCallId: toolCall.toolCallId,
    kind: facts.kind,
    title: shortText(facts.title ?? facts.name ?? facts.kind, MOST_TITLE_CHARS),
    ...(facts.name === undefined ? {} : { name: shortText(facts.name, MOST_TITLE_CHARS) }),
    ...(command === undefined ? {} : { command: cut(command, MOST_COMMAND_CHARS).text }),
    ...(json === undefined ? {} : { input: json.text }),
    ...(json === undefined || json.omittedBytes === 0
      ? {}
      : { inputOmittedBytes: json.omittedBytes }),
    paths:
      paths.length > MOST_PATHS
        ? [...paths.slice(0, MOST_PATHS), `… and ${paths.length - MOST_PATHS} more`]
        : paths,
    ...(facts.outside.length === 0 ? {} : { outside: true }),
  };
}

function shown(text: string): string {
  return visibleText(text).replace(BLANKS, (run) => `<${run.length} blanks>`);
}

/** From its middle: what matters may stand at either end. */
function cut(text: string, most: number): { text: string; omittedBytes: number } {
  if (text.length <= most) {
    return { text, omittedBytes: 0 };
  }
  const tail = Math.floor(most / 4);
  const omittedBytes = Buffer.byteLength(text.slice(most - tail, -tail));
  const left = `${text.slice(0, most - tail)}\n… ${omittedBytes} bytes are not shown …\n`;
  return { text: `${left}${text.slice(-tail)}`.toWellFormed(), omittedBytes };
}
