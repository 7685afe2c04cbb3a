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
  type RequestPermissionOutcome,
  type SessionUpdate,
} from "@agentclientprotocol/sdk";

const MAIN = new URL("../src/main.ts", import.meta.url).pathname;

export interface RunningAgent {
  readonly agent: ClientContext;
  readonly child: ChildProcessWithoutNullStreams;
  readonly updates: SessionUpdate[];
  /** The text that was streamed since this was last asked. */
  takeText(): string;
  prompt(sessionId: string, text: string): Promise<{ stopReason: string; usage?: object }>;
  /** Ends its stdin and waits for its exit code. */
  end(): Promise<number | null>;
}

export function newHome(): string {
  return mkdtempSync(join(tmpdir(), "demo-agent-test-"));
}

/** A demo agent process, initialized. */
export async function startDemoAgent(
  env: Readonly<Record<string, string>> = {},
  answer: RequestPermissionOutcome = { outcome: "cancelled" },
): Promise<RunningAgent> {
  const child = spawn(process.execPath, [MAIN], {
    env: { ...process.env, DEMO_CHUNK_MS: "0", ...env },
    stdio: "pipe",
  });
  const updates: SessionUpdate[] = [];
  let taken = 0;
  const { agent } = client({ name: "test" })
    .onNotification(methods.client.session.update, ({ params }) => {
      updates.push(params.update);
    })
    .onRequest(methods.client.session.requestPermission, () => ({ outcome: answer }))
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
    async end() {
      child.stdin.end();
      const [code] = child.exitCode === null ? await once(child, "exit") : [child.exitCode];
      return code as number | null;
    },
  };
}

export async function newSession({ agent }: RunningAgent, cwd = newHome()): Promise<string> {
  const { sessionId } = await agent.request(methods.agent.session.new, { cwd, mcpServers: [] });
  return sessionId;
}

function textOf(update: SessionUpdate): string {
  const spoken =
    update.sessionUpdate === "agent_message_chunk" || update.sessionUpdate === "user_message_chunk";
  return spoken && update.content.type === "text" ? update.content.text : "";
}
