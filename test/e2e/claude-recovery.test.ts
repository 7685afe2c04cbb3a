import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Prompt, promptSchema } from "@pilotlight/contracts";
import {
  callTool,
  type FakeModel,
  isAlive,
  type ModelScript,
  type RunningPilotlight,
  say,
  startFakeModel,
  startPilotlight,
  waitUntil,
} from "@pilotlight/testkit";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ask } from "./ask.ts";
import { claudeConfig } from "./claude-config.ts";

const SLOW = "i=0; while [ $i -lt 120 ]; do echo tick >> ticks.txt; sleep 0.25; i=$((i+1)); done";

/** Runs a slow command when told to; everything else is answered at once. */
const script: ModelScript = (request) => {
  const last = JSON.stringify(request.messages.at(-1));
  if (last.includes("cut off before it was finished")) {
    return say("I checked and finished.");
  }
  return last.includes("Run the slow command")
    ? callTool("Bash", { command: SLOW, description: "Tick" })
    : say("Noted.");
};

let dataDir: string;
let model: FakeModel;
let system: RunningPilotlight;
beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), "pilotlight-claude-"));
  model = await startFakeModel(script);
  system = await start();
});
afterEach(async () => {
  await system.stop();
  await model.close();
  rmSync(dataDir, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
});

const start = () => startPilotlight({ config: claudeConfig(model.url, "approve-all"), dataDir });

async function promptOf(id: string): Promise<Prompt> {
  return promptSchema.parse(await (await system.fetch(`/v1/prompts/${id}`)).json());
}

/** What the agent's tool has written so far. */
function ticks(): number {
  const file = join(dataDir, "channels/ops/workspace/ticks.txt");
  return existsSync(file) ? readFileSync(file, "utf8").trim().split("\n").length : 0;
}

/** Live processes that an agent of this system started: its own, its children, its tools. */
function agentProcesses(): number[] {
  return readdirSync("/proc")
    .map(Number)
    .filter((pid) => Number.isInteger(pid) && isAlive(pid))
    .filter((pid) => {
      try {
        const environ = readFileSync(`/proc/${pid}/environ`, "utf8");
        return environ.includes("PILOTLIGHT_TREE=") && environ.includes(dataDir);
      } catch {
        return false; // gone meanwhile
      }
    });
}

test("a turn whose worker is killed during a tool goes on in its conversation, its tool dead", async () => {
  const first = await ask(system, "ops", "My number is 42.");
  const answer = await system.fetch("/v1/channels/ops/prompts", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ prompt: "Run the slow command." }),
  });
  const { id } = (await answer.json()) as { id: string };
  await waitUntil("the tool runs", () => ticks() > 2, 30_000);
  const before = agentProcesses();
  expect(before.length).toBeGreaterThan(2);
  const workers = await (await system.fetch("/v1/workers")).json();
  process.kill((workers as { items: { pid: number }[] }).items[0]?.pid ?? 0, "SIGKILL");

  await waitUntil(
    "the turn goes on",
    async () => (await promptOf(id)).attempts.length === 2,
    30_000,
  );
  expect(before.filter(isAlive)).toEqual([]);
  const ticked = ticks();
  const prompt = await waitUntil("it is finished", async () => {
    const record = await promptOf(id);
    return record.state === "completed" ? record : undefined;
  });
  expect(prompt).toMatchObject({
    text: "I checked and finished.",
    session: { id: first.session?.id, opened: "resumed" },
    attempts: [{ outcome: "interrupted" }, { recovery: "continue", opened: "resumed" }],
  });
  expect(ticks()).toBe(ticked);
  const seen = JSON.stringify(model.turns.at(-1)?.messages);
  expect(seen).toContain("My number is 42.");
  expect(seen).toContain("Your work on the following request was cut off");
});

test("a conversation goes on after everything was stopped and started again", async () => {
  const first = await ask(system, "ops", "My number is 42.");
  await system.stop();
  system = await start();
  const second = await ask(system, "ops", "And now?");
  expect(second.session).toEqual({ ...first.session, opened: "resumed" });
  expect(JSON.stringify(model.turns.at(-1)?.messages)).toContain("My number is 42.");
});
