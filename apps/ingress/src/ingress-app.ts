import type { Logger } from "@pilotlight/lifecycle";
import express, { type Express, Router } from "express";
import type { IngressContext } from "./ingress-context.ts";
import { answerError } from "./middleware/answer-error.ts";
import { authenticate } from "./middleware/authenticate.ts";
import { beginRequest } from "./middleware/begin-request.ts";
import { checkHost } from "./middleware/check-host.ts";
import { checkOrigin } from "./middleware/check-origin.ts";
import { checkTarget } from "./middleware/check-target.ts";
import { refuseWhileDraining } from "./middleware/refuse-while-draining.ts";
import { routeNotFound } from "./middleware/route-not-found.ts";
import { agentHealthRoutes } from "./routes/agent-health.ts";
import { boardProxy } from "./routes/board.ts";
import { channelRoutes } from "./routes/channels.ts";
import { livenessRoute, readinessRoute } from "./routes/health.ts";
import { liveRoutes } from "./routes/live.ts";
import { openApiRoute } from "./routes/openapi.ts";
import { promptRoutes } from "./routes/prompts.ts";
import { questionRoutes } from "./routes/questions.ts";
import { scheduleRoutes } from "./routes/schedules.ts";
import { webhookRoutes } from "./routes/webhook.ts";

export interface IngressAppOptions {
  readonly context: IngressContext;
  readonly apiKey: string;
  readonly log: Logger;
}

/** Every request passes these in this order. What needs no key comes before `authenticate`. */
export function createIngressApp({ context, apiKey, log }: IngressAppOptions): Express {
  const { http, board } = context.config;
  const app = express();
  app.disable("x-powered-by");
  app.disable("etag");
  app.set("query parser", false);

  app.use(beginRequest(log));
  app.use(checkTarget);
  app.use(checkHost(http.host, http.allowedHosts));
  app.use(checkOrigin(http.allowedOrigins));
  app.use(publicRoutes());
  app.use(refuseWhileDraining(context.draining));
  app.use("/board", boardProxy(board.listen));
  app.use(authenticate(apiKey));
  app.use(keyedRoutes(context));
  app.use(routeNotFound);
  app.use(answerError(log));
  return app;
}

function publicRoutes(): Router {
  const router = Router({ caseSensitive: true, strict: true });
  livenessRoute(router);
  return router;
}

function keyedRoutes(context: IngressContext): Router {
  const router = Router({ caseSensitive: true, strict: true });
  promptRoutes(router, context);
  channelRoutes(router, context);
  scheduleRoutes(router, context);
  questionRoutes(router, context);
  liveRoutes(router, context);
  agentHealthRoutes(router, context);
  webhookRoutes(router, context);
  readinessRoute(router, context);
  openApiRoute(router);
  return router;
}
