import { spawn } from "node:child_process";
import { tmpdir } from "node:os";
import { Readable, Writable } from "node:stream";
import {
  client,
  methods,
  ndJsonStream,
  PROTOCOL_VERSION,
  type SessionUpdate,
} from "@agentclientprotocol/sdk";

/** A warm session as somebody would write it who has the SDK and nothing else. */
export interface BareSession {
  /** One turn, after those before it: agents take one prompt at a time. */
  prompt(
    text: string,
    onUpdate: (update: SessionUpdate) => unknown,
  ): Promise<{ stopReason: string }>;
}

/** Starts the agent and opens a session that lives as long as this process. */
export async function openBareSession(command: readonly string[]): Promise<BareSession> {
  const [file = "", ...args] = command;
  const child = spawn(file, args, { stdio: ["pipe", "pipe", "inherit"] });
  let listener: (update: SessionUpdate) => unknown = () => undefined;
  const connection = client({ name: "bare" })
    .onNotification(methods.client.session.update, ({ params }) => {
      listener(params.update);
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
  const opened = await connection.agent.request(methods.agent.session.new, {
    cwd: tmpdir(),
    mcpServers: [],
  });
  let last: Promise<unknown> = Promise.resolve();
  return {
    prompt(text, onUpdate) {
      const turn = last.then(() => {
        listener = onUpdate;
        return connection.agent.request(methods.agent.session.prompt, {
          sessionId: opened.sessionId,
          prompt: [{ type: "text", text }],
        });
      });
      last = turn.catch(() => undefined);
      return turn;
    },
  };
}
