import {
  OPTION_KINDS,
  type OptionKind,
  type ShownToolCall,
  shortText,
} from "@pilotlight/contracts";
import { fingerprint } from "./fingerprint.ts";
import { isObject } from "./json.ts";
import { showToolCall } from "./show-tool-call.ts";
import { inputOf } from "./told-input.ts";
import type { OptionInput, ToolCallInput } from "./tool-call.ts";
import { type ToolFacts, toolFactsOf } from "./tool-facts.ts";
import type { Workspace } from "./workspace.ts";

/** An option as people are shown it. */
export interface ShownOption {
  readonly optionId: string;
  readonly name: string;
  readonly kind: OptionKind;
}

export interface ToolCallDescription {
  readonly shown: ShownToolCall;
  readonly options: readonly ShownOption[];
  /**
   * Binds an answer to what was shown: the same for the same request, however its JSON was written and whichever ids it
   * has; another one wherever anything that people are shown, or were not for its length, is different.
   */
  readonly hash: string;
  readonly facts: ToolFacts;
}

const MOST_OPTIONS = 20;
const MOST_OPTION_CHARS = 200;

/**
 * What an agent wants to do, for people and for rules. Reads the disk through the workspace, nothing else.
 *
 * @throws UnreadableToolCallError where nobody could be shown it: it is to be rejected.
 */
export function describeToolCall(
  toolCall: ToolCallInput,
  options: readonly OptionInput[],
  workspace: Workspace,
): ToolCallDescription {
  const facts = toolFactsOf(toolCall, workspace);
  // First, because it refuses what is nested too deeply to be shown.
  const hash = hashOf(toolCall, options, facts);
  return {
    shown: showToolCall(toolCall, facts),
    options: options.slice(0, MOST_OPTIONS).flatMap(({ optionId, name, kind }) => {
      const known = OPTION_KINDS.find((one) => one === kind);
      return known === undefined
        ? []
        : [{ optionId, name: shortText(name, MOST_OPTION_CHARS), kind: known }];
    }),
    hash,
    facts,
  };
}

function hashOf(
  toolCall: ToolCallInput,
  options: readonly OptionInput[],
  facts: ToolFacts,
): string {
  return fingerprint({
    kind: [facts.kind, toolCall.kind ?? null],
    name: facts.name,
    title: toolCall.title ?? undefined,
    input: inputOf(toolCall),
    locations: (toolCall.locations ?? []).map((location) =>
      isObject(location) ? [location.path, location.line] : location,
    ),
    content: (toolCall.content ?? []).map(withoutIds),
    paths: facts.paths,
    outside: facts.outside,
    options: options.map(({ kind, name }) => [kind, name]),
  });
}

/** A terminal's id says nothing of what runs in it. */
function withoutIds(part: unknown): unknown {
  return isObject(part) && part.type === "terminal" ? { type: part.type } : dropMeta(part);
}

function dropMeta(part: unknown): unknown {
  return isObject(part) && "_meta" in part ? { ...part, _meta: undefined } : part;
}
