import { randomUUID } from "node:crypto";
import { Readable, Writable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { agent, methods, ndJsonStream, PROTOCOL_VERSION } from "@agentclientprotocol/sdk";

/**
 * An agent that asks for leave in every turn and tells how long the answer took, by its own clock: from writing the request
 * to having read the answer. `#N` counts the session's turns. A turn that begins with "approved" does not ask.
 */
const turns = new Map<string, number>();

// How long it takes to start, ms.
await sleep(Number(process.argv[2] ?? 0));
const connection = agent({ name: "asking-agent" })
  .onRequest(methods.agent.initialize, () => ({
    protocolVersion: PROTOCOL_VERSION,
    agentCapabilities: { sessionCapabilities: { resume: {} } },
    authMethods: [],
  }))
  .onRequest(methods.agent.session.new, () => ({ sessionId: randomUUID() }))
  .onRequest(methods.agent.session.resume, () => ({}))
  .onRequest(methods.agent.session.prompt, async ({ params, client }) => {
    const { sessionId } = params;
    const turn = (turns.get(sessionId) ?? 0) + 1;
    turns.set(sessionId, turn);
    const said = params.prompt.map((block) => (block.type === "text" ? block.text : "")).join("");
    const asked = said.startsWith("approved") ? undefined : await ask();
    await client.notify(methods.client.session.update, {
      sessionId,
      update: {
        sessionUpdate: "agent_message_chunk",
        content: { type: "text", text: JSON.stringify({ turn, said, ...asked }) },
      },
    });
    return { stopReason: "end_turn" };

    async function ask() {
      const startedAtMs = performance.now();
      const { outcome } = await client.request(methods.client.session.requestPermission, {
        sessionId,
        toolCall: {
          toolCallId: `call-${turn}`,
          title: `step ${turn}`,
          kind: "execute",
          rawInput: { command: `step ${turn}` },
        },
        options: [
          { optionId: "allow", name: "Allow", kind: "allow_once" },
          { optionId: "reject", name: "Reject", kind: "reject_once" },
        ],
      });
      const option = outcome.outcome === "selected" ? outcome.optionId : outcome.outcome;
      return { option, roundTripMs: performance.now() - startedAtMs };
    }
  })
  .onNotification(methods.agent.session.cancel, () => undefined)
  .connect(
    ndJsonStream(
      Writable.toWeb(process.stdout),
      Readable.toWeb(process.stdin) as ReadableStream<Uint8Array>,
    ),
  );
void connection.closed.then(() => process.exit(0));
