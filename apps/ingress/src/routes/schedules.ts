import type { PutCondition } from "@pilotlight/channels";
import {
  isScheduleId,
  type PilotlightConfig,
  type ScheduleView,
  scheduleRequestSchema,
} from "@pilotlight/contracts";
import { findFaults } from "@pilotlight/schedules";
import type { Request, RequestHandler, Response, Router } from "express";
import { HttpProblem } from "../http/http-problem.ts";
import { invalidParameter } from "../http/invalid-parameter.ts";
import { pageLimitOf } from "../http/page-limit-of.ts";
import { queryOf } from "../http/query-of.ts";
import { readJson, readNoFields } from "../http/read-json.ts";
import { scheduleIdOf, scheduleNotFound } from "../http/schedule-id-of.ts";
import { sendJson } from "../http/send-json.ts";
import type { IngressContext } from "../ingress-context.ts";
import { serve } from "./serve.ts";

export function scheduleRoutes(router: Router, context: IngressContext): void {
  serve(router, "/v1/schedules", { get: list(context) });
  serve(router, "/v1/schedules/:id", {
    get: show(context),
    put: set(context),
    delete: remove(context),
  });
  serve(router, "/v1/schedules/:id/run", { post: run(context) });
  serve(router, "/v1/schedules/:id/pause", { post: turn(context, "pause") });
  serve(router, "/v1/schedules/:id/resume", { post: turn(context, "resume") });
  serve(router, "/v1/schedules/:id/occurrences", { get: occurrences(context) });
}

/** In the order of their ids. */
function list({ client }: IngressContext): RequestHandler {
  return async (req, res) => {
    const { cursor, limit } = queryOf(req, ["cursor", "limit"]);
    if (cursor !== undefined && !isScheduleId(cursor)) {
      throw invalidParameter("cursor", "must be a nextCursor of an earlier answer");
    }
    sendJson(res, 200, await client.schedules.list(pageLimitOf(limit), cursor));
  };
}

function show({ client }: IngressContext): RequestHandler {
  return async (req, res) => {
    sendSchedule(res, 200, await client.schedules.get(scheduleIdOf(req)));
  };
}

/** All of it at once: what is left out has its default again, so that the same call twice is the same. */
function set({ client, config }: IngressContext): RequestHandler {
  return async (req, res) => {
    const id = scheduleIdOf(req);
    const { bodyBytes } = config.limits;
    const { value: definition } = await readJson(req, res, scheduleRequestSchema, bodyBytes);
    const actual = Buffer.byteLength(definition.prompt);
    const limit = config.limits.promptBytes;
    if (actual > limit) {
      throw new HttpProblem(
        "prompt_too_large",
        `The prompt has ${actual} bytes as UTF-8; ${limit} are allowed.`,
        { limit, actual, errors: [{ pointer: "/prompt", detail: "is too large" }] },
      );
    }
    refusePrecheck(config, definition.precheck);
    const condition = conditionOf(req);
    const before = await client.schedules.get(id);
    const isSame = before !== undefined && sameTiming(before, definition);
    // What was set already may have become past since.
    const faults = findFaults(definition, isSame ? before.createdAt : Date.now());
    const [fault] = faults;
    if (fault !== undefined) {
      throw new HttpProblem("invalid_value", `${fault.pointer}: ${fault.detail}`, {
        errors: faults.map(({ pointer, detail }) => ({ pointer, detail })),
      });
    }
    const outcome = await client.schedules.put(id, definition, condition);
    switch (outcome.at) {
      case "stale":
        throw changedMeanwhile();
      case "never":
        throw new HttpProblem("invalid_value", "It would never fire.");
      case "full":
        throw new HttpProblem("too_many_schedules", `${outcome.limit} schedules may be set.`, {
          limit: outcome.limit,
        });
      default:
        sendSchedule(res, outcome.at === "created" ? 201 : 200, outcome.schedule);
    }
  };
}

function remove({ client, config }: IngressContext): RequestHandler {
  return async (req, res) => {
    const id = scheduleIdOf(req);
    await readNoFields(req, res, config.limits.bodyBytes);
    const condition = conditionOf(req);
    const etag = condition.at === "match" && condition.etag !== "*" ? condition.etag : undefined;
    switch (await client.schedules.remove(id, etag)) {
      case "missing":
        throw scheduleNotFound();
      case "stale":
        throw changedMeanwhile();
      case "removed":
        res.status(204).end();
    }
  };
}

/** 202: its prompt is durable and will be run. */
function run({ client, config }: IngressContext): RequestHandler {
  return async (req, res) => {
    const id = scheduleIdOf(req);
    await readNoFields(req, res, config.limits.bodyBytes);
    const occurrence = await client.schedules.run(id);
    if (occurrence === undefined) {
      throw scheduleNotFound();
    }
    sendJson(res, 202, occurrence);
  };
}

function turn({ client, config }: IngressContext, way: "pause" | "resume"): RequestHandler {
  return async (req, res) => {
    const id = scheduleIdOf(req);
    await readNoFields(req, res, config.limits.bodyBytes);
    const schedule = await client.schedules[way](id);
    if (schedule?.state === "finished") {
      throw new HttpProblem("schedule_finished", "It has had all its due times.");
    }
    sendSchedule(res, 200, schedule);
  };
}

/** What became of its due times, newest first; also of those of a schedule that is gone. */
function occurrences({ client }: IngressContext): RequestHandler {
  return async (req, res) => {
    const id = scheduleIdOf(req);
    const { cursor, limit } = queryOf(req, ["cursor", "limit"]);
    if (cursor !== undefined && !/^\d{1,15}$/.test(cursor)) {
      throw invalidParameter("cursor", "must be a nextCursor of an earlier answer");
    }
    const page = await client.schedules.occurrences(id, pageLimitOf(limit), cursor);
    if (page.items.length === 0 && (await client.schedules.get(id)) === undefined) {
      throw scheduleNotFound();
    }
    sendJson(res, 200, page);
  };
}

function sendSchedule(res: Response, status: number, schedule: ScheduleView | undefined): void {
  if (schedule === undefined) {
    throw scheduleNotFound();
  }
  sendJson(res, status, schedule, { etag: schedule.etag });
}

/** Which version the caller means: any, where it does not say. */
function conditionOf(req: Request): PutCondition {
  const match = req.headers["if-match"];
  if (req.headers["if-none-match"]?.trim() === "*") {
    return { at: "new" };
  }
  return match === undefined ? { at: "any" } : { at: "match", etag: match.trim() };
}

/** Only what the configuration names: whoever may set a schedule runs no command of his own. */
function refusePrecheck({ prechecks }: PilotlightConfig, name: string | undefined): void {
  if (name !== undefined && prechecks[name] === undefined) {
    const known = Object.keys(prechecks).join(", ") || "those that the configuration names (none)";
    const detail = `must be one of ${known}`;
    throw new HttpProblem("invalid_value", `/precheck: ${detail}`, {
      errors: [{ pointer: "/precheck", detail }],
    });
  }
}

function changedMeanwhile(): HttpProblem {
  return new HttpProblem(
    "precondition_failed",
    "There is another version of the schedule than the one that was named: read it again.",
  );
}

function sameTiming(before: ScheduleView, { at, endAt }: ScheduleView["definition"]): boolean {
  return before.definition.at === at && before.definition.endAt === endAt;
}
