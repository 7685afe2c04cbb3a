import { type ChannelsClient, NO_EVENT_ID, parseChannelCursor } from "@pilotlight/channels";
import {
  type ChannelView,
  channelSettingsSchema,
  type IntentResponse,
} from "@pilotlight/contracts";
import type { RequestHandler, Router } from "express";
import { refuseSettings } from "../channels/refuse-settings.ts";
import { channelOf } from "../http/channel-of.ts";
import { HttpProblem } from "../http/http-problem.ts";
import { invalidParameter } from "../http/invalid-parameter.ts";
import { lastEventIdOf } from "../http/last-event-id-of.ts";
import { pageLimitOf } from "../http/page-limit-of.ts";
import { queryOf } from "../http/query-of.ts";
import { readJson, readNoFields } from "../http/read-json.ts";
import { sendJson } from "../http/send-json.ts";
import type { IngressContext } from "../ingress-context.ts";
import { openEvents } from "../sse/open-events.ts";
import { beginStream, writeStream } from "../sse/write-stream.ts";
import { serve } from "./serve.ts";

export function channelRoutes(router: Router, context: IngressContext): void {
  serve(router, "/v1/channels", { get: list(context) });
  serve(router, "/v1/channels/:channel", {
    get: show(context),
    put: configure(context),
    delete: forget(context),
  });
  serve(router, "/v1/channels/:channel/events", { get: events(context), isStream: true });
  serve(router, "/v1/channels/:channel/warm", { post: request(context, "warm") });
  serve(router, "/v1/channels/:channel/cool", { post: request(context, "cool") });
  serve(router, "/v1/channels/:channel/reset", { post: request(context, "reset") });
}

/** The last used first. */
function list({ client }: IngressContext): RequestHandler {
  return async (req, res) => {
    const query = queryOf(req, ["cursor", "limit"]);
    const limit = pageLimitOf(query.limit);
    const cursor = query.cursor === undefined ? undefined : parseChannelCursor(query.cursor);
    if (query.cursor !== undefined && cursor === undefined) {
      throw invalidParameter("cursor", "must be a nextCursor of an earlier answer");
    }
    sendJson(res, 200, await client.listChannels(limit, cursor));
  };
}

/** Nothing is kept of its settings and sessions. Its files stay where they are, and its prompts until their time is over. */
function forget({ client }: IngressContext): RequestHandler {
  return async (req, res) => {
    if ((await client.forgetChannel(channelOf(req))) === "busy") {
      throw new HttpProblem(
        "channel_busy",
        "The channel has prompts that are not finished: cancel them, or wait.",
      );
    }
    res.status(204).end();
  };
}

/** Every channel id has a channel: one that was never used has no settings. */
function show({ client }: IngressContext): RequestHandler {
  return async (req, res) => {
    sendJson(res, 200, await channelView(client, channelOf(req)));
  };
}

/** All settings at once: what is left out has its default again, so that the same call twice is the same. */
function configure({ client, config }: IngressContext): RequestHandler {
  return async (req, res) => {
    const channel = channelOf(req);
    const { value } = await readJson(req, res, channelSettingsSchema, config.limits.bodyBytes);
    refuseSettings(config, value);
    await client.setChannel(channel, value);
    sendJson(res, 200, await channelView(client, channel));
  };
}

async function channelView(client: ChannelsClient, channel: string): Promise<ChannelView> {
  return (await client.getChannel(channel)) ?? { channel, settings: {}, sessions: [] };
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
function request(
  { client, config }: IngressContext,
  wish: IntentResponse["requested"],
): RequestHandler {
  return async (req, res) => {
    const channel = channelOf(req);
    await readNoFields(req, res, config.limits.bodyBytes);
    switch (wish) {
      case "warm":
        await client.requestWarm(channel);
        break;
      case "cool":
        await client.requestCool(channel);
        break;
      case "reset":
        await client.requestReset(channel);
    }
    sendJson(res, 202, { channel, requested: wish });
  };
}
