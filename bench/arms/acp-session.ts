import { spawn } from "node:child_process";
import { tmpdir } from "node:os";
import { Readable, Writable } from "node:stream";
import {
  client,
  methods,
  ndJsonStream,
  PROTOCOL_VERSION,
  type RequestPermissionRequest,
  type SessionUpdate,
} from "@agentclientprotocol/sdk";

/** A warm session as somebody would write it who has the SDK and nothing else. */
export interface BareSession {
  readonly sessionId: string;
  /** One turn, after those before it: agents take one prompt at a time. */
  prompt(
    text: string,
    onUpdate: (update: SessionUpdate) => unknown,
  ): Promise<{ stopReason: string }>;
  /** The end of the agent's input; resolves when the agent is gone. */
  close(): Promise<void>;
  /** SIGKILL; resolves when the agent is gone. */
  kill(): Promise<void>;
}

export interface BareSessionOptions {
  /** A session of an earlier process that is opened again; else a new one. */
  readonly resume?: string;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Gives the id of the option that is chosen. */
  readonly onPermission?: (request: RequestPermissionRequest) => Promise<string> | string;
  /** What it writes besides the protocol goes nowhere; else to where ours goes. */
  readonly quiet?: boolean;
}

/** Starts the agent and opens a session that lives as long as this process, or until it is closed. */
export async function openBareSession(
  command: readonly string[],
  options: BareSessionOptions = {},
): Promise<BareSession> {
  const { cwd = tmpdir() } = options;
  const [file = "", ...args] = command;
  const child = spawn(file, args, {
    stdio: ["pipe", "pipe", options.quiet ? "ignore" : "inherit"],
    ...(options.env === undefined ? {} : { env: options.env, cwd }),
  });
  const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  let listener: (update: SessionUpdate) => unknown = () => undefined;
  const connection = client({ name: "bare" })
    .onNotification(methods.client.session.update, ({ params }) => {
      listener(params.update);
    })
    .onRequest(methods.client.session.requestPermission, async ({ params }) => {
      const optionId = await options.onPermission?.(params);
      return {
        outcome:
          optionId === undefined ? { outcome: "cancelled" } : { outcome: "selected", optionId },
      };
    })
    .connect(
      ndJsonStream(
        Writable.toWeb(child.stdin),
        Readable.toWeb(child.stdout) as ReadableStream<Uint8Array>,
      ),
    );
  await connection.agent.request(methods.agent.initialize, {
    protocolVersion: PROTOCOL_VERSION,
    clientCapabilities: {},
  });
  const sessionId = await open();
  let last: Promise<unknown> = Promise.resolve();

  async function open(): Promise<string> {
    if (options.resume !== undefined) {
      await connection.agent.request(methods.agent.session.resume, {
        sessionId: options.resume,
        cwd,
        mcpServers: [],
      });
      return options.resume;
    }
    const opened = await connection.agent.request(methods.agent.session.new, {
      cwd,
      mcpServers: [],
    });
    return opened.sessionId;
  }

  return {
    sessionId,
    prompt(text, onUpdate) {
      const turn = last.then(() => {
        listener = onUpdate;
        return connection.agent.request(methods.agent.session.prompt, {
          sessionId,
          prompt: [{ type: "text", text }],
        });
      });
      last = turn.catch(() => undefined);
      return turn;
    },
    async close() {
      child.stdin.end();
      await gone;
    },
    async kill() {
      child.kill("SIGKILL");
      await gone;
    },
  };
}
