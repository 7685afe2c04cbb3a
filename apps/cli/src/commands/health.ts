import { type AgentHealth, type AgentProbed, shortText } from "@pilotlight/contracts";
import { Command } from "commander";
import { type ApiOptions, clientOf, withApiOptions } from "../api-options.ts";
import { EXIT } from "../exit-codes.ts";
import { duration, table } from "../table.ts";

interface HealthOptions extends ApiOptions {
  readonly ping?: string;
}

const REASON_CHARS = 120;

export function healthCommand(): Command {
  return withApiOptions(new Command("health"))
    .description(
      "whether the agents work; exits with 1 where the default one, or the one asked for, is dead",
    )
    .argument("[agent]", "only this one, as each worker sees it")
    .option("--ping <agent>", "have every worker look at it again first")
    .action(health);
}

async function health(agent: string | undefined, options: HealthOptions): Promise<void> {
  const client = clientOf(options);
  const { ping } = options;
  const pinged = ping === undefined ? undefined : await client.probeAgent(ping);
  const print = (json: unknown, text: string) =>
    process.stdout.write(options.json ? `${JSON.stringify(json)}\n` : `${text}\n`);
  if (agent !== undefined || pinged !== undefined) {
    const asked =
      pinged !== undefined && (agent === undefined || agent === ping)
        ? pinged
        : await client.agentHealth(agent ?? "");
    print(asked, agentTable(asked));
    exitBy(asked);
    return;
  }
  const all = await client.health();
  print(all, healthTable(all.agents, all.defaultAgent));
  exitBy(all.agents.find((one) => one.agent === all.defaultAgent));
}

function exitBy(agent: AgentHealth | undefined): void {
  if (agent?.state === "dead") {
    process.exitCode = EXIT.failed;
  }
}

function healthTable(agents: readonly AgentHealth[], defaultAgent: string): string {
  return table(
    ["AGENT", "STATE", "LAST SEEN", "REASON"],
    agents.map((one) => [
      one.agent === defaultAgent ? `${one.agent} (default)` : one.agent,
      one.state,
      lastSeen(one.lastGoodAt),
      shownReason(one),
    ]),
  );
}

/** One line for each worker, and one for each that did not answer. */
function agentTable(agent: AgentHealth | AgentProbed): string {
  const silent = "unanswered" in agent ? agent.unanswered : [];
  const rows = agent.workers.map((view) => [
    view.worker,
    view.state,
    lastSeen(view.lastGoodAt),
    silent.includes(view.worker) ? "did not answer in time" : shownReason(view),
  ]);
  const unseen = silent
    .filter((worker) => !agent.workers.some((view) => view.worker === worker))
    .map((worker) => [worker, "-", "-", "did not answer in time"]);
  const head = `${agent.agent}: ${agent.state}`;
  return rows.length + unseen.length === 0
    ? `${head}, no worker watches it`
    : `${head}\n\n${table(["WORKER", "STATE", "LAST SEEN", "REASON"], [...rows, ...unseen])}`;
}

function lastSeen(lastGoodAt: number | undefined): string {
  return lastGoodAt === undefined ? "-" : `${duration(Math.max(0, Date.now() - lastGoodAt))} ago`;
}

function shownReason({
  reason,
  limitedUntil,
}: Pick<AgentHealth, "reason" | "limitedUntil">): string {
  const until =
    limitedUntil === undefined
      ? ""
      : ` (until ${new Date(limitedUntil).toISOString().replace(/\.\d+Z$/, "Z")})`;
  return `${shortText(reason ?? "-", REASON_CHARS)}${until}`;
}
