import { spawn } from "node:child_process";
import { tmpdir } from "node:os";
import { Readable, Writable } from "node:stream";
import { client, methods, ndJsonStream, PROTOCOL_VERSION } from "@agentclientprotocol/sdk";

/** An agent process that somebody started long ago, with nothing between it and who asks. */
export interface Floor {
  /** From `session/new` to the first word of a first prompt (ms). */
  firstWordMs(prompt: string): Promise<number>;
  stop(): Promise<void>;
}

export async function startFloor(
  command: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Floor> {
  const [file = "", ...args] = command;
  const child = spawn(file, args, {
    stdio: ["pipe", "pipe", "inherit"],
    env: { PATH: process.env.PATH, ...env },
  });
  const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  let heard: () => void = () => undefined;
  const connection = client({ name: "floor" })
    .onNotification(methods.client.session.update, ({ params }) => {
      if (params.update.sessionUpdate === "agent_message_chunk") {
        heard();
      }
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
  return {
    async firstWordMs(prompt) {
      const first = Promise.withResolvers<number>();
      const startedMs = performance.now();
      heard = () => first.resolve(performance.now() - startedMs);
      const { sessionId } = await connection.agent.request(methods.agent.session.new, {
        cwd: tmpdir(),
        mcpServers: [],
      });
      await connection.agent.request(methods.agent.session.prompt, {
        sessionId,
        prompt: [{ type: "text", text: prompt }],
      });
      return await first.promise;
    },
    async stop() {
      child.stdin.end();
      await gone;
    },
  };
}
