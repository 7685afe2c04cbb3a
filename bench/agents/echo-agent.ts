import { randomUUID } from "node:crypto";
import { Readable, Writable } from "node:stream";
import { agent, methods, ndJsonStream, PROTOCOL_VERSION } from "@agentclientprotocol/sdk";

/**
 * An agent that costs as little as an agent can: it answers at once with `#N ` and the prompt, where N counts
 * the session's turns. So an answer proves which prompt it belongs to and that no turn ran twice.
 */
const turns = new Map<string, number>();

const connection = agent({ name: "echo-agent" })
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
    const turn = (turns.get(params.sessionId) ?? 0) + 1;
    turns.set(params.sessionId, turn);
    const said = params.prompt.map((block) => (block.type === "text" ? block.text : "")).join("");
    await client.notify(methods.client.session.update, {
      sessionId: params.sessionId,
      update: {
        sessionUpdate: "agent_message_chunk",
        content: { type: "text", text: `#${turn} ${said}` },
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
