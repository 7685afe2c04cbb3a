import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { spawnAgent } from "@pilotlight/agents";
import { expect, test } from "vitest";
import { connectAgent } from "../src/link/agent-link.ts";
import { aText, childPid, demoAgent, isAlive, listen, open, until } from "./demo-sessions.ts";

test("a session remembers from turn to turn", async () => {
  const session = await open();
  const first = listen();
  expect(await session.prompt(["one"], first)).toEqual({
    stopReason: "end_turn",
    usage: { inputTokens: 1, outputTokens: 11, totalTokens: 12 },
  });
  const second = listen();
  await session.prompt(["two"], second);
  expect(second.text).toContain('Before that you said: "one".');
  expect(session.usable).toBe(true);
});

test("every update comes in order and before the turn's result", async () => {
  const session = await open();
  for (let turn = 0; turn < 20; turn += 1) {
    const heard = listen();
    await session.prompt(["[[words 200]]"], heard);
    expect(heard.text).toBe(Array.from({ length: 200 }, (_, n) => `word${n + 1}`).join(" "));
    expect(heard.updates.at(-1)).toMatchObject({ sessionUpdate: "usage_update" });
  }
});

test("a flood arrives whole", async () => {
  const session = await open();
  let bytes = 0;
  await session.prompt(["[[flood 20000x1000]]"], {
    onUpdate: (update) => {
      bytes += aText(update)?.length ?? 0;
    },
  });
  expect(bytes).toBe(20_000_000);
});

test("a prompt of a megabyte goes through", async () => {
  const session = await open();
  const heard = listen();
  await session.prompt([`[[words 1]] ${"é".repeat(500_000)}`], heard);
  expect(heard.text).toContain("word1");
});

test("a second prompt during a turn is refused and does not disturb it", async () => {
  const session = await open();
  const heard = listen();
  const turn = session.prompt(["[[slow 100]] first"], heard);
  await expect(session.prompt(["second"], listen())).rejects.toMatchObject({
    code: "session_unavailable",
  });
  expect(await turn).toMatchObject({ stopReason: "end_turn" });
  expect(heard.text).toContain('You said: "first"');
});

test("an error of the agent fails the turn, and the next one works", async () => {
  const session = await open();
  await expect(
    session.prompt(["[[error -32603 quota is used up]]"], listen()),
  ).rejects.toMatchObject({
    code: "agent_error",
    message: 'agent "demo": quota is used up',
  });
  await expect(session.prompt(["[[error -32000 log in]]"], listen())).rejects.toMatchObject({
    code: "agent_auth_required",
  });
  expect(await session.prompt(["[[stop refusal]] hi"], listen())).toMatchObject({
    stopReason: "refusal",
  });
});

test("what the client does not offer is refused as unknown", async () => {
  const session = await open();
  const heard = listen();
  await session.prompt(
    ["[[call fs/read_text_file]] [[call fs/write_text_file]] [[call terminal/create]]"],
    heard,
  );
  expect(heard.text.match(/refused \(-32601\)/g)).toHaveLength(3);
});

test("a crash in the turn tells code and stderr, and nothing of the agent is left", async () => {
  const session = await open();
  const heard = listen();
  const error = await session
    .prompt(["[[child 60]] [[stderr something broke]] [[crash 7]]"], heard)
    .catch((reason: unknown) => reason);
  expect(error).toMatchObject({
    code: "agent_exited",
    message: 'agent "demo" exited with code 7 during the turn',
    exitCode: 7,
    signal: null,
    stderr: "something broke\ndemo-agent: crashing as told\n",
  });
  const pid = await heard.first(childPid);
  expect([session.pid, pid].filter(isAlive)).toEqual([]);
  expect(session.usable).toBe(false);
  expect(await session.ended).toMatchObject({ reason: "exited", exitCode: 7 });
  await expect(session.prompt(["still there?"], listen())).rejects.toMatchObject({
    code: "session_unavailable",
  });
  await session.close();
});

test("an agent killed between turns ends its session by itself", async () => {
  const session = await open();
  await session.prompt(["hi"], listen());
  process.kill(session.pid, "SIGKILL");
  expect(await session.ended).toMatchObject({ reason: "exited", signal: "SIGKILL" });
  expect(session.usable).toBe(false);
});

test("a message over 32 MiB ends the session, not the process it runs in", async () => {
  const session = await open();
  await expect(session.prompt(["[[flood 1x34000000]]"], listen())).rejects.toMatchObject({
    code: "agent_exited",
  });
  expect(session.usable).toBe(false);
  expect(isAlive(session.pid)).toBe(false);
});

test("what comes when no turn runs is dropped, and a permission asked then is rejected", async () => {
  const cwd = mkdtempSync(join(tmpdir(), "pilotlight-link-"));
  const agentProcess = await spawnAgent({ agent: demoAgent(), cwd });
  try {
    const link = connectAgent(agentProcess);
    await link.initialize();
    const { sessionId } = await link.newSession({ cwd, mcpServers: [] }, undefined);
    const heard = listen();
    link.attach({
      sessionId,
      onUpdate: heard.onUpdate,
      onSign: () => undefined,
      onPermission: () => Promise.reject(new Error("no turn runs")),
      onElicitation: () => Promise.reject(new Error("no turn runs")),
      onElicitationComplete: () => undefined,
    });
    await link.prompt(sessionId, ["[[late-update 20]] [[late-permission 40]] hello"]);
    await link.delivered();
    expect(heard.updates.at(-1)).toMatchObject({ sessionUpdate: "usage_update" });
    link.detach();
    const before = heard.updates.length;
    await until("the outcome", () => agentProcess.stderrTail().includes("late permission:"));
    expect(agentProcess.stderrTail()).toBe("late permission: reject_once\n");
    expect(heard.updates).toHaveLength(before);
  } finally {
    await agentProcess.stop();
  }
});
