import { mkdtempSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SessionUpdate } from "@agentclientprotocol/sdk";
import { loadConfig } from "@pilotlight/contracts";
import { type AgentSession, type OpenSessionOptions, openSession } from "@pilotlight/sessions";
import { answerWith } from "@pilotlight/testkit";
import { afterEach, expect, test, vi } from "vitest";
import { ollama, shown } from "./start-ollama-agent.ts";

const opened: AgentSession[] = [];

afterEach(async () => {
  vi.unstubAllEnvs();
  await Promise.all(opened.splice(0).map((session) => session.close()));
});

async function open(options: OpenSessionOptions): Promise<AgentSession> {
  const session = await openSession(options);
  opened.push(session);
  return session;
}

/** As a worker opens the configured agent `ollama` for a channel. */
function optionsOfChannel(): OpenSessionOptions {
  const dir = mkdtempSync(join(tmpdir(), "ollama-agent-worker-"));
  const agent = loadConfig({ env: {}, cwd: dir }).agents.ollama;
  if (agent === undefined) {
    throw new Error("ollama is always configured");
  }
  return {
    agent,
    cwd: join(dir, "workspace"),
    configDir: join(dir, "config"),
    deadlines: { startMs: 20_000, silenceMs: 20_000, turnMs: 25_000, cancelMs: 5000 },
  };
}

test("a worker opens it, runs turns, cancels one, and resumes the conversation of the channel's directory", async () => {
  const server = await ollama();
  vi.stubEnv("OLLAMA_HOST", server.url);
  const options = optionsOfChannel();
  const first = await open(options);
  server.respondWith(() => answerWith("good ", "morning"));
  const updates: SessionUpdate[] = [];
  const onUpdate = (update: SessionUpdate) => void updates.push(update);
  expect(await first.prompt(["(recap)", "hello"], { onUpdate })).toMatchObject({
    stopReason: "end_turn",
    usage: { totalTokens: 4 },
  });
  expect(updates.map(({ sessionUpdate }) => sessionUpdate)).toEqual([
    "agent_message_chunk",
    "agent_message_chunk",
    "usage_update",
  ]);
  server.respondWith(() => ({ kind: "answer", pieces: ["I begin"], end: "hang" }));
  const cancelled = new AbortController();
  const turn = first.prompt(["go on"], {
    onUpdate: () => cancelled.abort(),
    signal: cancelled.signal,
  });
  expect(await turn).toMatchObject({ stopReason: "cancelled" });
  await first.close();
  expect(readdirSync(join(options.configDir, "sessions"))).toEqual([`${first.sessionId}.jsonl`]);

  server.respondWith(() => answerWith("yes"));
  const second = await open({ ...options, resume: [first.sessionId] });
  expect(second).toMatchObject({ sessionId: first.sessionId, opened: "resumed" });
  await second.prompt(["still there?"], { onUpdate });
  expect(shown(server)).toEqual([
    "user: (recap)\n\nhello",
    "assistant: good morning",
    "user: go on",
    "assistant: I begin",
    "user: still there?",
  ]);
});

test("an unknown session is condemned, and a new one opened in the same process", async () => {
  const server = await ollama();
  vi.stubEnv("OLLAMA_HOST", server.url);
  const unknown = "ollama-00000000-0000-4000-8000-000000000000";
  const session = await open({ ...optionsOfChannel(), resume: [unknown] });
  expect(session).toMatchObject({ opened: "fresh", condemned: [unknown] });
});

test("without Ollama the turn's error says what to do, and the session stays usable", async () => {
  vi.stubEnv("OLLAMA_HOST", "http://127.0.0.1:9");
  const session = await open(optionsOfChannel());
  await expect(session.prompt(["hello"], { onUpdate: () => undefined })).rejects.toMatchObject({
    code: "agent_error",
    message: expect.stringContaining('Start it with "ollama serve"'),
  });
  expect(session.usable).toBe(true);
});
