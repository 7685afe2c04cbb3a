import { normalize } from "node:path/posix";
import type { OptionInput, ToolCallInput, Workspace } from "../src/index.ts";
import { type ToolFacts, toolFactsOf } from "../src/tool-facts.ts";

/** A workspace without a disk: no links but the given ones. */
export function workspaceOf(links: Readonly<Record<string, string>> = {}): Workspace {
  return {
    root: "/ws",
    resolve(path) {
      const absolute = normalize(path.startsWith("/") ? path : `/ws/${path}`);
      const link = Object.keys(links).find(
        (one) => absolute === one || absolute.startsWith(`${one}/`),
      );
      return link === undefined ? absolute : `${links[link]}${absolute.slice(link.length)}`;
    },
  };
}

export function call(fields: Omit<ToolCallInput, "toolCallId">): ToolCallInput {
  return { toolCallId: "call-1", ...fields };
}

export function factsOf(fields: Omit<ToolCallInput, "toolCallId">): ToolFacts {
  return toolFactsOf(call(fields), workspaceOf());
}

export const OPTIONS: readonly OptionInput[] = [
  { optionId: "always", name: "Always", kind: "allow_always" },
  { optionId: "once", name: "Once", kind: "allow_once" },
  { optionId: "no", name: "No", kind: "reject_once" },
];
