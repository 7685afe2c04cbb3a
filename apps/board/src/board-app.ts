import { createBullBoard } from "@bull-board/api";
import { ExpressAdapter } from "@bull-board/express";
import type { BoardStore } from "@pilotlight/channels";
import { PROBLEM_CODES } from "@pilotlight/contracts";
import type { Logger } from "@pilotlight/lifecycle";
import express, {
  type ErrorRequestHandler,
  type Express,
  type RequestHandler,
  Router,
} from "express";
import { errorProblem } from "./http/error-problem.ts";
import { ownLinksOnly } from "./http/own-links-only.ts";
import { readingOnly } from "./http/reading-only.ts";
import { securityHeaders } from "./http/security-headers.ts";
import { sendProblem } from "./http/send-problem.ts";
import { createBoardQueues } from "./queues/board-queues.ts";
import { createKeyCheck } from "./sign-in/key-check.ts";
import { requireVisit } from "./sign-in/require-visit.ts";
import { signInRoutes } from "./sign-in/sign-in-routes.ts";
import { createVisits } from "./sign-in/visits.ts";
import { UI_CONFIG } from "./ui-config.ts";

export interface BoardAppOptions {
  readonly store: BoardStore;
  isRightKey(key: string): boolean;
  readonly log: Logger;
}

/** The board under `/board`: sign-in first, then Bull Board over queues that are made anew for every poll. */
export function createBoardApp(options: BoardAppOptions): Express {
  const visits = createVisits();
  const keys = createKeyCheck(options.isRightKey);
  const serverAdapter = new ExpressAdapter().setBasePath("/board");
  const { replaceQueues } = createBullBoard({
    queues: [],
    serverAdapter,
    options: { uiConfig: UI_CONFIG },
  });
  const queues = createBoardQueues(options.store, replaceQueues);
  const bullBoard: Express = serverAdapter.getRouter();
  bullBoard.disable("x-powered-by");
  // Asked at the time of an error: ours says nothing of what went wrong inside.
  serverAdapter.setErrorHandler((error) => {
    options.log.warn({ err: error }, "a view of the board failed");
    const { code, detail } = errorProblem(error);
    return { status: PROBLEM_CODES[code].status as 500, body: { error: detail, code } };
  });

  const refresh: RequestHandler = async (_req, _res, next) => {
    await queues.refresh();
    next();
  };
  const board = Router();
  board.use(securityHeaders());
  board.use(signInRoutes(visits, keys));
  board.use(requireVisit(visits, keys));
  board.use(readingOnly);
  board.use("/api", refresh);
  board.use(ownLinksOnly, bullBoard);

  const app = express();
  app.disable("x-powered-by");
  // The ingress in front tells the caller's address and scheme.
  app.set("trust proxy", "loopback");
  app.use("/board", board);
  app.use((_req, res) => {
    sendProblem(res, "route_not_found", "There is nothing at this address.");
  });
  app.use(answerError(options.log));
  return app;
}

function answerError(log: Logger): ErrorRequestHandler {
  return (error, _req, res, next) => {
    if (res.headersSent) {
      next(error);
      return;
    }
    const { code, detail } = errorProblem(error);
    if (PROBLEM_CODES[code].status >= 500) {
      log.warn({ err: error }, "a request to the board failed");
    }
    sendProblem(res, code, detail);
  };
}
