import { existsSync, mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { type AgentProcess, isResponsive, killTree, watchOwnedTrees } from "../src/index.ts";
import { isAlive, until, withMarker } from "./processes.ts";
import { firstLine, startShell } from "./start-shell.ts";

const QUICK = { eofMs: 150, termMs: 150, killMs: 5000 };
const PATIENT = { eofMs: 20_000, termMs: 20_000, killMs: 5000 };

const started: AgentProcess[] = [];

afterEach(async () => {
  for (const { tree } of started.splice(0)) {
    await killTree(tree);
  }
});

async function start(script: string): Promise<AgentProcess> {
  const agentProcess = await startShell(script);
  started.push(agentProcess);
  return agentProcess;
}

/** Starts a script that first writes the pids of what it started, and the directory it runs in. */
async function startTree(script: string): Promise<{ agent: AgentProcess; pids: number[] }> {
  const agent = await start(script);
  const pids = (await firstLine(agent)).trim().split(/\s+/).map(Number);
  expect(pids.every(isAlive)).toBe(true);
  return { agent, pids };
}

function scratchFile(): string {
  return join(mkdtempSync(join(tmpdir(), "pilotlight-stop-")), "file");
}

test("an agent that ends when its stdin ends gets no signal", async () => {
  const file = scratchFile();
  const agent = await start(`trap 'echo TERM > ${file}' TERM; echo ready; cat > /dev/null; exit 7`);
  await firstLine(agent);
  await agent.stop(PATIENT);
  expect(await agent.exited).toEqual({ exitCode: 7, signal: null });
  expect(existsSync(file)).toBe(false);
});

test("an agent that stays when its stdin ends is asked by SIGTERM", async () => {
  const file = scratchFile();
  const agent = await start(
    `trap 'echo TERM > ${file}; exit 8' TERM; echo ready; while :; do sleep 0.05; done`,
  );
  await firstLine(agent);
  await agent.stop({ ...PATIENT, eofMs: 100 });
  expect(await agent.exited).toEqual({ exitCode: 8, signal: null });
  expect(readFileSync(file, "utf8")).toBe("TERM\n");
});

test("an agent that ignores SIGTERM is killed", async () => {
  const agent = await start("trap '' TERM HUP; echo ready; while :; do sleep 0.05; done");
  await firstLine(agent);
  await agent.stop(QUICK);
  expect(await agent.exited).toEqual({ exitCode: null, signal: "SIGKILL" });
});

test("a stopped agent, which hears nothing, is killed without a word", async () => {
  const agent = await start("echo ready; kill -STOP $$; sleep 60");
  await until("it is stopped", () => !isResponsive(agent.tree));
  await agent.stop(PATIENT);
  expect(await agent.exited).toMatchObject({ signal: "SIGKILL" });
});

test("tools in sessions of their own end with the agent", async () => {
  const { agent, pids } = await startTree(
    "setsid sleep 61 & printf '%s ' $!; setsid sh -c 'sleep 62 & echo $$ $!; wait' & wait",
  );
  await agent.stop(QUICK);
  expect(pids.filter(isAlive)).toEqual([]);
});

test("a tool that ignores SIGTERM ends with the agent that does not", async () => {
  const { agent, pids } = await startTree(
    "setsid sh -c \"trap '' TERM; while :; do sleep 0.05; done\" & sleep 0.1; echo $!; cat > /dev/null",
  );
  await agent.stop(QUICK);
  expect(pids.filter(isAlive)).toEqual([]);
});

test("what an agent that crashed left behind is found although nobody saw it start", async () => {
  const file = scratchFile();
  // Twice orphaned, in a session of its own, its parents gone before anybody looked.
  const agent = await start(
    `setsid sh -c 'sh -c "echo \\$\\$ > ${file}; exec sleep 63" &' ; exit 9`,
  );
  expect(await agent.exited).toMatchObject({ exitCode: 9 });
  const pid = await until("the orphan runs", () =>
    existsSync(file) ? Number(readFileSync(file, "utf8")) || undefined : undefined,
  );
  expect(isAlive(pid)).toBe(true);
  await agent.stop(QUICK);
  expect(isAlive(pid)).toBe(false);
});

test("a tree that forks while it is killed ends too", async () => {
  const { agent, pids } = await startTree(
    "sh -c \"trap '' TERM; while :; do setsid sleep 64 & sleep 0.02; done\" & echo $!; wait",
  );
  await agent.stop({ eofMs: 100, termMs: 50, killMs: 5000 });
  expect(pids.filter(isAlive)).toEqual([]);
  expect(await withMarker(agent.tree.marker)).toEqual([]);
});

test("stopping twice is stopping once", async () => {
  const agent = await start("cat > /dev/null");
  await Promise.all([agent.stop(PATIENT), agent.stop(PATIENT)]);
  await agent.stop();
  expect(isAlive(agent.pid)).toBe(false);
});

test("a tree can be killed by its name alone", async () => {
  const { agent, pids } = await startTree("setsid sleep 65 & echo $!; cat > /dev/null");
  await killTree({ ...agent.tree });
  expect([agent.pid, ...pids].filter(isAlive)).toEqual([]);
});

test("an owner's trees end together, to the last orphan, and another owner's do not", async () => {
  const owner = `owner-${process.pid}`;
  const file = scratchFile();
  const script = `setsid sh -c 'sh -c "echo \\$\\$ > ${file}; exec sleep 67" &'; cat > /dev/null`;
  const agents = [await startShell(script, { owner }), await startShell("sleep 68", { owner })];
  const other = await startShell("sleep 69", { owner: `${owner}0` });
  started.push(...agents, other);
  const orphan = await until("the orphan runs", () =>
    existsSync(file) ? Number(readFileSync(file, "utf8")) || undefined : undefined,
  );
  await watchOwnedTrees(owner).kill();
  expect([orphan, ...agents.map(({ pid }) => pid)].filter(isAlive)).toEqual([]);
  expect(isAlive(other.pid)).toBe(true);
});

test("a process that emptied its environment and lost its parent is known if it was looked at before", async () => {
  const owner = `hiding-${process.pid}`;
  const file = scratchFile();
  const agent = await startShell(
    `setsid env -i sh -c "echo \\$\\$ > ${file}; while :; do sleep 0.05; done" & wait`,
    { owner },
  );
  started.push(agent);
  const hidden = await until("it runs", () =>
    existsSync(file) ? Number(readFileSync(file, "utf8")) || undefined : undefined,
  );
  const trees = watchOwnedTrees(owner);
  await trees.look();
  process.kill(agent.pid, "SIGKILL");
  await agent.exited;
  await trees.kill();
  expect(isAlive(hidden)).toBe(false);
});

test("a later process with the root's pid is left alone", async () => {
  const { agent } = await startTree("sleep 66 & echo $!; wait");
  await killTree({ ...agent.tree, startTicks: agent.tree.startTicks - 1, marker: "another" });
  expect(isAlive(agent.pid)).toBe(true);
});
