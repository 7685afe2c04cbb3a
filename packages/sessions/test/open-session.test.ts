import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { AgentStartError } from "@pilotlight/agents";
import { afterEach, expect, test, vi } from "vitest";
import { openSession } from "../src/index.ts";
import { agentOf, demoAgent, isAlive, open, sessionOptions } from "./demo-sessions.ts";

afterEach(() => {
  vi.unstubAllEnvs();
});

/** Opens where that must fail; tells the error and which processes of the owner are left. */
async function failToOpen(given: Parameters<typeof sessionOptions>[0]) {
  const owner = `test-${process.pid}-${Math.random()}`;
  const error = await openSession(sessionOptions({ ...given, owner })).then(
    () => new Error("it opened"),
    (reason: unknown) => reason,
  );
  const left = readdirSync("/proc").filter((name) => {
    try {
      return (
        isAlive(Number(name)) && readFileSync(`/proc/${name}/environ`, "latin1").includes(owner)
      );
    } catch {
      return false;
    }
  });
  expect(left).toEqual([]);
  return error as AgentStartError;
}

test("a session opens in its directories, which are made where they are missing", async () => {
  const options = sessionOptions();
  const session = await open(options);
  expect(session).toMatchObject({ agent: "demo", usable: true });
  expect(session.sessionId).toMatch(/^demo-/);
  expect(statSync(options.cwd).isDirectory()).toBe(true);
  expect(statSync(options.configDir).mode & 0o777).toBe(0o700);
  expect(await session.rssBytes()).toBeGreaterThan(10_000_000);
  await session.prompt(["hello"], { onUpdate: () => undefined });
  expect(readdirSync(join(options.configDir, "sessions"))).toEqual([`${session.sessionId}.jsonl`]);
});

test("a secret in our environment is not in the agent's", async () => {
  vi.stubEnv("REDIS_URL", "redis://:marker-secret@localhost");
  vi.stubEnv("DEMO_STDERR", "marker-secret");
  const { pid } = await open();
  const environ = readFileSync(`/proc/${pid}/environ`, "utf8");
  expect(environ).toContain("DEMO_AGENT_HOME=");
  expect(environ).not.toContain("marker-secret");
});

test("lines on stdout that are not the protocol's do no harm", async () => {
  const session = await open({ agent: demoAgent({ DEMO_STDOUT_NOISE: "1" }) });
  expect(await session.prompt(["hi"], { onUpdate: () => undefined })).toMatchObject({
    stopReason: "end_turn",
  });
});

test("a missing command is the reason", async () => {
  const error = await failToOpen({ agent: agentOf("no-such-agent") });
  expect(error).toMatchObject({
    code: "agent_start_failed",
    message: 'agent "test" did not start: its command "no-such-agent" was not found',
  });
});

test("an agent that exits at once tells why on stderr", async () => {
  const error = await failToOpen({
    agent: demoAgent({ DEMO_EXIT_AT_START: "41", DEMO_STDERR: "no key: sk-abcdefgh12345678" }),
  });
  expect(error).toMatchObject({ code: "agent_start_failed", reason: "it exited with code 41" });
  expect(error.stderr).toContain("no key: [redacted]\n");
});

test("an agent that exits while its child holds its pipes open is not waited for", async () => {
  const error = await failToOpen({ agent: agentOf("sh", "-c", "setsid sleep 60 & exit 3") });
  expect(error).toMatchObject({ reason: "it exited with code 3" });
});

test("an agent killed by a signal says which", async () => {
  const error = await failToOpen({ agent: agentOf("sh", "-c", "kill -KILL $$") });
  expect(error).toMatchObject({ reason: "it was ended by SIGKILL" });
});

test("an agent that prints something else and never answers is ended at the deadline", async () => {
  const error = await failToOpen({
    agent: agentOf("sh", "-c", "echo Welcome to my agent; sleep 60"),
    deadlines: { startMs: 300, silenceMs: 1, turnMs: 1, cancelMs: 1 },
    stop: { eofMs: 50, termMs: 50, killMs: 5000 },
  });
  expect(error.reason).toBe(
    'it did not answer initialize within 0.3 s; it wrote 1 line(s) to stdout that are not the protocol\'s, the first: "Welcome to my agent"',
  );
});

test("an agent that hangs in session/new and ignores the end of input and SIGTERM is ended", async () => {
  const error = await failToOpen({
    agent: demoAgent({ DEMO_NEW_MS: "60000", DEMO_IGNORE_TERM: "1", DEMO_IGNORE_EOF: "1" }),
    deadlines: { startMs: 3000, silenceMs: 1, turnMs: 1, cancelMs: 1 },
    stop: { eofMs: 50, termMs: 50, killMs: 5000 },
  });
  expect(error.reason).toBe("it did not answer session/new within 3 s");
});

test("an agent that closes its stdout is not waited for", async () => {
  const error = await failToOpen({
    agent: agentOf("sh", "-c", "exec >&-; sleep 60"),
    stop: { eofMs: 50, termMs: 50, killMs: 5000 },
  });
  expect(error).toMatchObject({ reason: "it closed its connection" });
});

test("an agent that wants a login first says so", async () => {
  const error = await failToOpen({ agent: demoAgent({ DEMO_AUTH_REQUIRED: "1" }) });
  expect(error).toMatchObject({ code: "agent_start_failed" });
  expect(error.reason).toBe('it asks for a login (agent "demo": Authentication required)');
});

test("an agent that answers with another version of the protocol is incompatible", async () => {
  const error = await failToOpen({ agent: demoAgent({ DEMO_PROTOCOL_VERSION: "2" }) });
  expect(error).toMatchObject({ code: "agent_incompatible" });
});

test("directories that cannot be made are the reason", async () => {
  const error = await failToOpen({ cwd: "/dev/null/workspace" });
  expect(error).toBeInstanceOf(AgentStartError);
  expect(error.reason).toBe("its directories could not be made");
});
