import { isChannelId } from "@pilotlight/contracts";
import type { Router } from "express";
import { invalidChannel } from "../http/channel-of.ts";
import { queryOf } from "../http/query-of.ts";
import { sendJson } from "../http/send-json.ts";
import type { IngressContext } from "../ingress-context.ts";
import { serve } from "./serve.ts";

/** What is alive at this moment. */
export function liveRoutes(router: Router, { client }: IngressContext): void {
  serve(router, "/v1/sessions", {
    get: async (req, res) => {
      const { channel } = queryOf(req, ["channel"]);
      if (channel === undefined) {
        sendJson(res, 200, { items: await client.listSessions() });
        return;
      }
      if (!isChannelId(channel)) {
        throw invalidChannel();
      }
      const session = await client.getSession(channel);
      sendJson(res, 200, { items: session === undefined ? [] : [session] });
    },
  });
  serve(router, "/v1/workers", {
    get: async (_req, res) => sendJson(res, 200, { items: await client.listWorkers() }),
  });
}
