import { NO_EVENT_ID } from "@pilotlight/channels";
import type { RequestHandler, Router } from "express";
import { channelOf } from "../http/channel-of.ts";
import { lastEventIdOf } from "../http/last-event-id-of.ts";
import { readNoFields } from "../http/read-json.ts";
import { sendJson } from "../http/send-json.ts";
import type { IngressContext } from "../ingress-context.ts";
import { openEvents } from "../sse/open-events.ts";
import { beginStream, writeStream } from "../sse/write-stream.ts";
import { serve } from "./serve.ts";

export function channelRoutes(router: Router, context: IngressContext): void {
  serve(router, "/v1/channels/:channel/events", { get: events(context), isStream: true });
  serve(router, "/v1/channels/:channel/warm", { post: request(context, "warm") });
  serve(router, "/v1/channels/:channel/cool", { post: request(context, "cool") });
}

/** Everything that happens on the channel from now on, or after the event that the client saw last. */
function events({ client, slots, draining }: IngressContext): RequestHandler {
  return async (req, res) => {
    const channel = channelOf(req);
    const after = lastEventIdOf(req) ?? "now";
    const slot = slots.take(res);
    try {
      let from = NO_EVENT_ID;
      const batches = await openEvents(client, channel, {
        after,
        signal: slot.signal,
        onListening: (afterEventId) => {
          from = afterEventId;
        },
      });
      beginStream(res, from);
      await writeStream(res, batches, draining);
    } finally {
      slot.leave();
    }
  };
}

/** 202: the wish is noted; the channel's owner sees to it when it next looks. */
function request({ client, config }: IngressContext, wish: "warm" | "cool"): RequestHandler {
  return async (req, res) => {
    const channel = channelOf(req);
    await readNoFields(req, res, config.limits.bodyBytes);
    await (wish === "warm" ? client.requestWarm(channel) : client.requestCool(channel));
    sendJson(res, 202, { channel, requested: wish });
  };
}
