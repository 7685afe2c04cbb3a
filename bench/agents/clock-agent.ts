import { randomUUID } from "node:crypto";
import { Readable, Writable } from "node:stream";
import { agent, methods, ndJsonStream, PROTOCOL_VERSION } from "@agentclientprotocol/sdk";

/**
 * An agent that answers with the moment at which a prompt reached it (Unix ms), ahead of it `#N `, where N counts
 * the session's turns.
 */
const turns = new Map<string, number>();

const connection = agent({ name: "clock-agent" })
  .onRequest(methods.agent.initialize, () => ({
    protocolVersion: PROTOCOL_VERSION,
    agentCapabilities: {},
    authMethods: [],
  }))
  .onRequest(methods.agent.session.new, () => {
    const sessionId = randomUUID();
    turns.set(sessionId, 0);
    return { sessionId };
  })
  .onRequest(methods.agent.session.prompt, async ({ params, client }) => {
    const atMs = performance.timeOrigin + performance.now();
    const turn = (turns.get(params.sessionId) ?? 0) + 1;
    turns.set(params.sessionId, turn);
    await client.notify(methods.client.session.update, {
      sessionId: params.sessionId,
      update: {
        sessionUpdate: "agent_message_chunk",
        content: { type: "text", text: `#${turn} ${atMs}` },
      },
    });
    return { stopReason: "end_turn" };
  })
  .onNotification(methods.agent.session.cancel, () => undefined)
  .connect(
    ndJsonStream(
      Writable.toWeb(process.stdout),
      Readable.toWeb(process.stdin) as ReadableStream<Uint8Array>,
    ),
  );
void connection.closed.then(() => process.exit(0));
