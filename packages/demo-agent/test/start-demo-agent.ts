import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable, Writable } from "node:stream";
import {
  type ClientContext,
  type CreateElicitationRequest,
  type CreateElicitationResponse,
  client,
  type InitializeResponse,
  methods,
  ndJsonStream,
  type RequestPermissionOutcome,
  type RequestPermissionRequest,
  type SessionUpdate,
} from "@agentclientprotocol/sdk";

const MAIN = new URL("../src/main.ts", import.meta.url).pathname;

export interface RunningAgent {
  readonly agent: ClientContext;
  readonly child: ChildProcessWithoutNullStreams;
  readonly initialized: InitializeResponse;
  readonly updates: SessionUpdate[];
  readonly asked: RequestPermissionRequest[];
  readonly elicited: CreateElicitationRequest[];
  /** The text that was streamed since this was last asked. */
  takeText(): string;
  prompt(sessionId: string, text: string): Promise<{ stopReason: string; usage?: object }>;
  steer(sessionId: string, text: string): Promise<{ outcome: string }>;
  /** Resolves when an update of this kind came. */
  untilUpdate(kind: SessionUpdate["sessionUpdate"]): Promise<void>;
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
  elicitation: (signal: AbortSignal) => Promise<CreateElicitationResponse> = async () => ({
    action: "cancel",
  }),
): Promise<RunningAgent> {
  const child = spawn(process.execPath, [MAIN], {
    env: { ...process.env, DEMO_CHUNK_MS: "0", ...env },
    stdio: "pipe",
  });
  const updates: SessionUpdate[] = [];
  const asked: RequestPermissionRequest[] = [];
  const elicited: CreateElicitationRequest[] = [];
  let taken = 0;
  const { agent } = client({ name: "test" })
    .onNotification(methods.client.session.update, ({ params }) => {
      updates.push(params.update);
    })
    .onRequest(methods.client.session.requestPermission, ({ params }) => {
      asked.push(params);
      return { outcome: answer };
    })
    .onRequest(methods.client.elicitation.create, ({ params, signal }) => {
      elicited.push(params);
      return elicitation(signal);
    })
    .onNotification(methods.client.elicitation.complete, () => {
      updates.push({ sessionUpdate: "session_info_update", title: "completed" });
    })
    .connect(
      ndJsonStream(
        Writable.toWeb(child.stdin),
        Readable.toWeb(child.stdout) as ReadableStream<Uint8Array>,
      ),
    );
  const initialized = await agent.request(methods.agent.initialize, {
    protocolVersion: 1,
    clientCapabilities: {},
  });
  return {
    agent,
    initialized,
    asked,
    elicited,
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
    steer: (sessionId, text) =>
      agent.request("_session/steering", {
        sessionId,
        prompt: [{ type: "text", text }],
        _meta: { steering: { idleBehavior: "promptRequired" } },
      }),
    async untilUpdate(kind) {
      for (const end = Date.now() + 10_000; Date.now() < end; ) {
        if (updates.some((update) => update.sessionUpdate === kind)) {
          return;
        }
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      throw new Error(`no ${kind} came`);
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
