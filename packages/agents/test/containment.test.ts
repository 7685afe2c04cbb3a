import { tmpdir } from "node:os";
import { afterEach, expect, test } from "vitest";
import {
  type AgentProcess,
  CONTAINMENTS,
  type Containment,
  canContain,
  findContainment,
  spawnAgent,
} from "../src/index.ts";
import { withMarker } from "./processes.ts";
import { agentOf, firstLine, startShell } from "./start-shell.ts";

const started: AgentProcess[] = [];
afterEach(async () => {
  for (const agentProcess of started.splice(0)) {
    await agentProcess.stop({ eofMs: 0, termMs: 0, killMs: 5000 });
  }
});

async function start(containment: Containment, script: string): Promise<AgentProcess> {
  const agentProcess = await startShell(script, { containment });
  started.push(agentProcess);
  return agentProcess;
}

const levels = CONTAINMENTS;

test("what is found works", async () => {
  expect(await canContain(await findContainment())).toBe(true);
});

test.for(levels)(
  "under %s an agent hears its stdin, its end, and is heard",
  async (level, { skip }) => {
    skip(!(await canContain(level)), "not possible on this machine");
    const agentProcess = await start(level, "read line; echo got $line; cat >/dev/null; exit 5");
    agentProcess.stdin.write("hello\n");
    expect(await firstLine(agentProcess)).toBe("got hello");
    agentProcess.stdin.end();
    expect(await agentProcess.exited).toEqual({ exitCode: 5, signal: null });
  },
);

test.for(levels)("under %s the signal that ended an agent is told", async (level, { skip }) => {
  skip(!(await canContain(level)), "not possible on this machine");
  const agentProcess = await start(level, "kill -KILL $$");
  expect(await agentProcess.exited).toEqual({ exitCode: null, signal: "SIGKILL" });
});

test.for(levels)("under %s a command that cannot be run is named", async (level, { skip }) => {
  skip(!(await canContain(level)), "not possible on this machine");
  const missing = spawnAgent({
    agent: agentOf("no-such-agent"),
    cwd: tmpdir(),
    containment: level,
  });
  await expect(missing).rejects.toMatchObject({
    code: "agent_start_failed",
    reason: 'its command "no-such-agent" was not found',
  });
});

test.for(levels)("under %s the stop ladder ends every descendant", async (level, { skip }) => {
  skip(!(await canContain(level)), "not possible on this machine");
  const agentProcess = await start(
    level,
    "trap '' TERM HUP; setsid sleep 60 & (setsid sleep 61 &) ; echo up; while :; do sleep 1; done",
  );
  await firstLine(agentProcess);
  await agentProcess.stop({ eofMs: 100, termMs: 100, killMs: 5000 });
  expect(await withMarker(agentProcess.tree.marker)).toEqual([]);
});

test("in a namespace an agent sees its own processes only, and its end is the end of all", async ({
  skip,
}) => {
  skip(!(await canContain("namespace")), "not possible on this machine");
  const agentProcess = await start(
    "namespace",
    "setsid sleep 60 & echo $$ $(ls -d /proc/[0-9]* | wc -l); read line",
  );
  const [pid, seen] = (await firstLine(agentProcess)).split(" ").map(Number);
  expect(pid).toBeLessThan(10);
  expect(seen).toBeLessThan(10);
  agentProcess.stdin.end();
  await agentProcess.exited;
  expect(await withMarker(agentProcess.tree.marker)).toEqual([]);
});

test("in a namespace orphans are collected while the agent runs", async ({ skip }) => {
  skip(!(await canContain("namespace")), "not possible on this machine");
  const agentProcess = await start(
    "namespace",
    "i=0; while [ $i -lt 20 ]; do (sleep 0.01 &); i=$((i+1)); done; sleep 0.5; grep -l '^State:.Z' /proc/[0-9]*/status 2>/dev/null | wc -l; read line",
  );
  expect(await firstLine(agentProcess)).toBe("0");
});

test("in a namespace an agent can be interrupted", async ({ skip }) => {
  skip(!(await canContain("namespace")), "not possible on this machine");
  const agentProcess = await start(
    "namespace",
    "sh -c 'kill -INT $$; echo deaf'; echo over; read line",
  );
  expect(await firstLine(agentProcess)).toBe("over");
});
