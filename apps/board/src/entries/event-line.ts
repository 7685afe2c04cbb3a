import type { ChannelEvent } from "@pilotlight/contracts";
import { shorten } from "./shorten.ts";

const LINE_CHARS = 500;

/** One event of a prompt as a line of its log: time, type, and what it says in short. */
export function eventLine(event: ChannelEvent): string {
  const at = new Date(Number(event.id.split("-")[0])).toISOString();
  return `${at} ${event.type} ${shorten(briefly(event), "short", LINE_CHARS)}`;
}

function briefly(event: ChannelEvent): string {
  const { promptId: _, ...data } = JSON.parse(event.data) as Record<string, unknown>;
  if (event.type !== "update") {
    return JSON.stringify(data);
  }
  const update = data.update as {
    readonly sessionUpdate?: string;
    readonly content?: { readonly text?: string };
    readonly title?: string;
    readonly status?: string;
  };
  const said = update.content?.text ?? [update.title, update.status].filter(Boolean).join(" · ");
  return `${update.sessionUpdate ?? ""} ${said ? JSON.stringify(said) : JSON.stringify(update)}`;
}
