import { chmodSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { type AgentProcess, AgentStartError, spawnAgent } from "../src/index.ts";
import { readProcess, readRssBytes } from "../src/tree/read-processes.ts";
import { environOf, until } from "./processes.ts";
import { agentOf, firstLine, startShell } from "./start-shell.ts";

const started: AgentProcess[] = [];

afterEach(async () => {
  for (const agentProcess of started.splice(0)) {
    await agentProcess.stop({ eofMs: 0, termMs: 0, killMs: 5000 });
  }
});

async function start(...args: Parameters<typeof startShell>): Promise<AgentProcess> {
  const agentProcess = await startShell(...args);
  started.push(agentProcess);
  return agentProcess;
}

test("the process's own environment holds what is allowed and no secret of ours", async () => {
  const agent = { ...agentOf("sleep", "60"), env: ["ALLOWED_*"], configDirEnv: "TEST_HOME" };
  const { pid, tree } = await start("", {
    agent,
    configDir: "/channel/config",
    owner: "worker-1",
    env: { PATH: process.env.PATH, MARKER_SECRET: "not-for-agents", ALLOWED_KEY: "for-agents" },
  });
  const environ = await until("the program runs", () => {
    const lines = environOf(pid);
    return lines.length > 0 && lines;
  });
  expect(environ.filter((line) => !line.startsWith("PATH=")).sort()).toEqual([
    "ALLOWED_KEY=for-agents",
    `PILOTLIGHT_TREE=${tree.marker}`,
    "TEST_HOME=/channel/config",
  ]);
  expect(tree.marker).toMatch(/^worker-1\//);
});

test("the process leads a session and a group of its own", async () => {
  const { pid } = await start("sleep 60");
  expect(readProcess(pid)).toMatchObject({ pgid: pid, sid: pid });
});

test("a missing command is told from a missing directory", async () => {
  const cwd = tmpdir();
  await expect(spawnAgent({ agent: agentOf("no-such-agent"), cwd })).rejects.toMatchObject({
    code: "agent_start_failed",
    reason: 'its command "no-such-agent" was not found',
  });
  await expect(
    spawnAgent({ agent: agentOf("sh"), cwd: join(cwd, "no-such-directory") }),
  ).rejects.toMatchObject({ reason: "its working directory does not exist" });
});

test("a file that is not executable is named as the reason", async () => {
  const file = join(mkdtempSync(join(tmpdir(), "pilotlight-agents-")), "agent");
  writeFileSync(file, "#!/bin/sh\n");
  const start = () => spawnAgent({ agent: agentOf(file), cwd: tmpdir() });
  await expect(start()).rejects.toMatchObject({
    reason: 'its command "agent" is not executable',
  });
  chmodSync(file, 0o755);
  const agentProcess = await start();
  expect(await agentProcess.exited).toEqual({ exitCode: 0, signal: null });
});

test("a relative command is looked for where we are, not in the workspace", async () => {
  const cwd = mkdtempSync(join(tmpdir(), "pilotlight-agents-"));
  writeFileSync(join(cwd, "agent"), "#!/bin/sh\n", { mode: 0o755 });
  await expect(spawnAgent({ agent: agentOf("./agent"), cwd })).rejects.toMatchObject({
    reason: 'its command "agent" was not found',
  });
});

test("a program for another machine does not start, or ends at once with a word on stderr", async () => {
  const file = join(mkdtempSync(join(tmpdir(), "pilotlight-agents-")), "agent");
  // The head of an ELF program for an unknown architecture.
  const head = Buffer.alloc(64);
  head.write("\x7fELF\x02\x01\x01", "latin1");
  head.writeUInt16LE(2, 16);
  head.writeUInt16LE(0xfff0, 18);
  writeFileSync(file, head, { mode: 0o755 });
  const outcome = await spawnAgent({ agent: agentOf(file), cwd: tmpdir() }).then(
    async (agentProcess) => [(await agentProcess.exited).exitCode, agentProcess.stderrTail()],
    (error: unknown) => error,
  );
  if (outcome instanceof AgentStartError) {
    expect(outcome.reason).toContain("is not a program for this machine");
  } else {
    expect(outcome).toEqual([expect.any(Number), expect.stringMatching(/\S/)]);
  }
});

test("the end of stderr is there once the process has exited, secrets removed", async () => {
  const script =
    'i=0; while [ $i -lt 2000 ]; do echo "line $i $A_KEY" >&2; i=$((i+1)); done; exit 3';
  const agent = { ...agentOf("sh", "-c", script), set: { A_KEY: "very-secret-value" } };
  const agentProcess = await start("", { agent });
  expect(await agentProcess.exited).toEqual({ exitCode: 3, signal: null });
  const tail = agentProcess.stderrTail();
  expect(tail).toMatch(/line 1999 \[redacted\]\n$/);
  expect(Buffer.byteLength(tail)).toBe(2048);
  expect(Buffer.byteLength(agentProcess.stderrTail(10_000_000))).toBeLessThanOrEqual(65_536);
});

test("a descendant that holds stderr open does not hide the root's exit", async () => {
  const agentProcess = await start("sleep 60 & exit 4");
  expect(await agentProcess.exited).toEqual({ exitCode: 4, signal: null });
});

test("an agent that writes much to stderr is not blocked by it", async () => {
  const agentProcess = await start("head -c 5000000 /dev/zero >&2; exit 0");
  expect(await agentProcess.exited).toEqual({ exitCode: 0, signal: null });
});

test("the memory of the whole tree is counted", async () => {
  const agentProcess = await start("sleep 60 & echo $!; wait");
  const child = Number(await firstLine(agentProcess));
  await until("the child is a sleep", () => readRssBytes(child) > 0);
  const alone = readRssBytes(agentProcess.pid);
  expect(alone).toBeGreaterThan(0);
  expect(await agentProcess.rssBytes()).toBeGreaterThan(alone);
});
