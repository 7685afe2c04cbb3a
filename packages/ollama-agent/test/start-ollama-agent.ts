import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable, Writable } from "node:stream";
import {
  type ClientContext,
  client,
  methods,
  ndJsonStream,
  type PromptResponse,
  type SessionUpdate,
} from "@agentclientprotocol/sdk";
import { type FakeOllama, startFakeOllama, waitUntil } from "@pilotlight/testkit";
import { afterEach } from "vitest";

const MAIN = new URL("../src/main.ts", import.meta.url).pathname;

const children: ChildProcessWithoutNullStreams[] = [];
const servers: FakeOllama[] = [];

afterEach(async () => {
  for (const child of children.splice(0)) {
    child.kill("SIGKILL");
  }
  for (const server of servers.splice(0)) {
    await server.close();
  }
});

/** A fake Ollama that is gone after the test. */
export async function ollama(...args: Parameters<typeof startFakeOllama>): Promise<FakeOllama> {
  const server = await startFakeOllama(...args);
  servers.push(server);
  return server;
}

export interface RunningAgent {
  readonly agent: ClientContext;
  readonly child: ChildProcessWithoutNullStreams;
  readonly updates: SessionUpdate[];
  /** All that came on its stderr. */
  readonly stderr: () => string;
  /** The text that was streamed since this was last asked. */
  takeText(): string;
  prompt(sessionId: string, text: string): Promise<PromptResponse & { usage?: object }>;
  cancel(sessionId: string): Promise<void>;
  /** Resolves when the streamed text contains this. */
  untilSaid(text: string): Promise<void>;
  /** Ends its stdin and waits for its exit code. */
  end(): Promise<number | null>;
}

export function newHome(): string {
  return mkdtempSync(join(tmpdir(), "ollama-agent-test-"));
}

export interface StartOptions {
  readonly server?: { readonly url: string };
  readonly home?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** An agent process that is initialized, and ended after the test. */
export async function startAgent({
  server,
  home = newHome(),
  env = {},
}: StartOptions): Promise<RunningAgent> {
  const child = spawn(process.execPath, [MAIN], {
    env: {
      PATH: process.env.PATH,
      PILOTLIGHT_OLLAMA_HOME: home,
      ...(server === undefined ? {} : { OLLAMA_HOST: server.url }),
      ...env,
    },
    stdio: "pipe",
  });
  children.push(child);
  let stderr = "";
  child.stderr.on("data", (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const updates: SessionUpdate[] = [];
  let taken = 0;
  const { agent } = client({ name: "test" })
    .onNotification(methods.client.session.update, ({ params }) => {
      updates.push(params.update);
    })
    .connect(
      ndJsonStream(
        Writable.toWeb(child.stdin),
        Readable.toWeb(child.stdout) as ReadableStream<Uint8Array>,
      ),
    );
  await agent.request(methods.agent.initialize, { protocolVersion: 1, clientCapabilities: {} });
  return {
    agent,
    child,
    updates,
    stderr: () => stderr,
    takeText() {
      const text = updates.slice(taken).map(textOf).join("");
      taken = updates.length;
      return text;
    },
    prompt: async (sessionId, text) => {
      const response = await agent.request(methods.agent.session.prompt, {
        sessionId,
        prompt: [{ type: "text", text }],
      });
      await new Promise(setImmediate);
      return response;
    },
    cancel: (sessionId) => agent.notify(methods.agent.session.cancel, { sessionId }),
    untilSaid: async (text) => {
      await waitUntil(`it said "${text}"`, () => updates.map(textOf).join("").includes(text));
    },
    async end() {
      child.stdin.end();
      const [code] = child.exitCode === null ? await once(child, "exit") : [child.exitCode];
      return code as number | null;
    },
  };
}

export async function newSession(
  { agent }: RunningAgent,
  given: { readonly cwd?: string; readonly systemPrompt?: string } = {},
): Promise<string> {
  const { sessionId } = await agent.request(methods.agent.session.new, {
    cwd: given.cwd ?? "/",
    mcpServers: [],
    ...(given.systemPrompt === undefined ? {} : { _meta: { systemPrompt: given.systemPrompt } }),
  });
  return sessionId;
}

export async function resume({ agent }: RunningAgent, sessionId: string) {
  return agent.request(methods.agent.session.resume, { sessionId, cwd: "/", mcpServers: [] });
}

/** What the last chat showed the model. */
export function shown({ chats }: FakeOllama): string[] {
  return (chats.at(-1)?.messages ?? []).map(({ role, content }) => `${role}: ${content}`);
}

function textOf(update: SessionUpdate): string {
  const spoken =
    update.sessionUpdate === "agent_message_chunk" || update.sessionUpdate === "user_message_chunk";
  return spoken && update.content.type === "text" ? update.content.text : "";
}
