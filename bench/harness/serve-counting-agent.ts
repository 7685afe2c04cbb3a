import { randomUUID } from "node:crypto";
import { Readable, Writable } from "node:stream";
import { agent, methods, ndJsonStream, PROTOCOL_VERSION } from "@agentclientprotocol/sdk";

/**
 * Serves an agent on stdio that costs as little as an agent can: it answers at once with `#N `, where N counts the
 * session's turns, and what `answer` makes of the prompt, which is asked first of all.
 */
export function serveCountingAgent(name: string, answer: (said: string) => string): void {
  const turns = new Map<string, number>();
  const connection = agent({ name })
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
      const said = params.prompt.map((block) => (block.type === "text" ? block.text : "")).join("");
      const text = answer(said);
      const turn = (turns.get(params.sessionId) ?? 0) + 1;
      turns.set(params.sessionId, turn);
      await client.notify(methods.client.session.update, {
        sessionId: params.sessionId,
        update: {
          sessionUpdate: "agent_message_chunk",
          content: { type: "text", text: `#${turn} ${text}` },
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
}
