import type { ChannelEvent } from "@pilotlight/contracts";

/** One SSE frame. Data is JSON text already; a line break in it, which JSON needs nowhere, would begin a new field. */
export function encodeEvent(event: ChannelEvent): string {
  const data = /[\r\n]/.test(event.data) ? event.data.replace(/[\r\n]+/g, " ") : event.data;
  const id = event.id === "" ? "" : `id: ${event.id}\n`;
  return `${id}event: ${event.type}\ndata: ${data}\n\n`;
}
