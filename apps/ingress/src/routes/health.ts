import type { Router } from "express";
import { sendJson } from "../http/send-json.ts";
import type { IngressContext } from "../ingress-context.ts";
import { serve } from "./serve.ts";

/** The only route without a key: it says that the process answers, and nothing else. */
export function livenessRoute(router: Router): void {
  serve(router, "/livez", { get: (_req, res) => sendJson(res, 200, { status: "alive" }) });
}

/** Whether prompts are accepted: the store answers and the process is not about to end. */
export function readinessRoute(router: Router, { client }: IngressContext): void {
  serve(router, "/readyz", {
    get: async (_req, res) => {
      await client.ping();
      sendJson(res, 200, { status: "ready" });
    },
  });
}
