import type { WorkerHealth } from "@pilotlight/channels";
import type { AgentProbed, Health } from "@pilotlight/contracts";
import type { Request, RequestHandler, Router } from "express";
import { agentHealthOf, watchedAgents } from "../agents/agent-health.ts";
import { awaitProbes } from "../agents/await-probes.ts";
import { HttpProblem } from "../http/http-problem.ts";
import { readNoFields } from "../http/read-json.ts";
import { sendJson } from "../http/send-json.ts";
import type { IngressContext } from "../ingress-context.ts";
import { serve } from "./serve.ts";

/** Whether the agents work, as all live workers see it. */
export function agentHealthRoutes(router: Router, context: IngressContext): void {
  serve(router, "/api/health", { get: showAll(context) });
  serve(router, "/api/health/:agent", { get: show(context) });
  serve(router, "/api/health/:agent/probe", { post: probe(context) });
}

/** A worker has to hear of it, to end what the probe started, and to show what it found. */
const BESIDES_PROBE_MS = 3000;

function showAll({ client, config }: IngressContext): RequestHandler {
  return async (_req, res) => {
    const startedAtMs = performance.now();
    await client.ping();
    const pingMs = performance.now() - startedAtMs;
    const [workers, counts] = await Promise.all([client.listWorkerHealth(), client.readCounts()]);
    const agents = watchedAgents(config.defaultAgent, workers).map((agent) =>
      agentHealthOf(agent, workers),
    );
    const isWell =
      workers.length > 0 && agents.every(({ state }) => state !== "dead" && state !== "limited");
    sendJson(res, 200, {
      status: isWell ? "ok" : "degraded",
      defaultAgent: config.defaultAgent,
      agents,
      redis: { status: "ok", pingMs: Math.round(pingMs * 100) / 100 },
      workers: workers.length,
      counts,
    } satisfies Health);
  };
}

function show(context: IngressContext): RequestHandler {
  return async (req, res) => {
    const workers = await context.client.listWorkerHealth();
    sendJson(res, 200, agentHealthOf(agentOf(req, context, workers), workers));
  };
}

/** Every live worker probes at once; answered when all have, or when time is up, with what is known then. */
function probe(context: IngressContext): RequestHandler {
  const { client, config, draining } = context;
  return async (req, res) => {
    const agent = agentOf(req, context, await client.listWorkerHealth());
    await readNoFields(req, res, config.limits.bodyBytes);
    const left = new AbortController();
    res.once("close", () => left.abort());
    const { workers, unanswered } = await awaitProbes({
      client,
      agent,
      waitMs: config.deadlines.probeMs + BESIDES_PROBE_MS,
      signal: AbortSignal.any([draining, left.signal]),
    });
    sendJson(res, 200, {
      ...agentHealthOf(agent, workers),
      unanswered: [...unanswered],
    } satisfies AgentProbed);
  };
}

/** The agent that the path names: one of the configuration, or one that a worker knows. */
function agentOf(
  req: Request,
  { config }: IngressContext,
  workers: readonly WorkerHealth[],
): string {
  const { agent } = req.params;
  const isKnown =
    typeof agent === "string" &&
    (Object.hasOwn(config.agents, agent) ||
      workers.some(({ agents }) => Object.hasOwn(agents, agent)));
  if (!isKnown) {
    throw new HttpProblem("agent_not_found", "No agent of this name is configured.");
  }
  return agent;
}
