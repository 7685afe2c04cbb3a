import { randomUUID } from "node:crypto";
import { Readable, Writable } from "node:stream";
import {
  agent,
  type ContentBlock,
  methods,
  ndJsonStream,
  PROTOCOL_VERSION,
  RequestError,
  type SessionConfigOption,
} from "@agentclientprotocol/sdk";
import { connectOllama, sameModel } from "./connect-ollama.ts";
import { type Conversation, newConversation, readConversation } from "./conversation.ts";
import { modelMissing } from "./from-ollama-error.ts";
import { listConversations } from "./list-conversations.ts";
import { defaultModel, MODEL_OPTION, modelOption } from "./model-option.ts";
import type { Settings } from "./read-settings.ts";
import { replayConversation } from "./replay-conversation.ts";
import { runPrompt } from "./run-prompt.ts";

interface OpenSession {
  readonly conversation: Conversation;
  /** The running turn. */
  turn?: AbortController;
}

/** Opening a session does not wait longer than this for a list of models: its first prompt tells what is wrong. */
const LIST_FOR_SESSION_MS = 1000;

/** Speaks ACP on stdin and stdout until stdin ends or SIGTERM comes. */
export function serve(settings: Settings): void {
  const server = connectOllama(settings.host);
  const place = { home: settings.home, maxTokens: settings.contextTokens };
  const sessions = new Map<string, OpenSession>();

  async function reopen(sessionId: string): Promise<Conversation> {
    const open = sessions.get(sessionId);
    refuseWhileBusy(open);
    const conversation = open?.conversation ?? (await readConversation(place, sessionId));
    if (conversation === undefined) {
      throw RequestError.sessionNotFound(sessionId);
    }
    sessions.set(sessionId, { conversation });
    return conversation;
  }

  function openSession(sessionId: string): OpenSession {
    const session = sessions.get(sessionId);
    if (session === undefined) {
      throw RequestError.sessionNotFound(sessionId);
    }
    return session;
  }

  /** Once picked it stays: another model that is pulled meanwhile must not take over a conversation. */
  let picked: string | undefined;

  async function pickModel(signal: AbortSignal): Promise<string | undefined> {
    picked ??= defaultModel(await server.models(signal));
    return picked;
  }

  /** Without Ollama there is a session all the same, and its list is empty. */
  async function configOptions({ model }: Conversation): Promise<SessionConfigOption[]> {
    const models = await server
      .models(AbortSignal.timeout(LIST_FOR_SESSION_MS))
      .catch(() => [] as const);
    picked ??= defaultModel(models);
    return modelOption(model ?? settings.model ?? picked, models);
  }

  // Prompt before cancel and close: the SDK reaches a later handler a moment later, and neither may overtake its prompt.
  const app = agent({ name: "ollama-agent" })
    .onRequest(methods.agent.initialize, () => ({
      protocolVersion: PROTOCOL_VERSION,
      agentInfo: { name: "pilotlight-ollama", title: "Ollama", version: "0.1.0" },
      agentCapabilities: {
        loadSession: true,
        sessionCapabilities: { close: {}, list: {}, resume: {} },
      },
      authMethods: [],
    }))
    .onRequest(methods.agent.session.new, async ({ params }) => {
      const given = params._meta?.systemPrompt;
      // A text, or one to be appended to what an agent tells itself: this one tells itself nothing.
      const systemPrompt = (given as { append?: unknown } | undefined)?.append ?? given;
      const conversation = newConversation(place, {
        sessionId: `ollama-${randomUUID()}`,
        cwd: params.cwd,
        ...(typeof systemPrompt === "string" && systemPrompt !== "" ? { systemPrompt } : {}),
      });
      sessions.set(conversation.sessionId, { conversation });
      return {
        sessionId: conversation.sessionId,
        configOptions: await configOptions(conversation),
      };
    })
    .onRequest(methods.agent.session.load, async ({ params, client }) => {
      const conversation = await reopen(params.sessionId);
      await replayConversation(client, settings.home, params.sessionId);
      return { configOptions: await configOptions(conversation) };
    })
    .onRequest(methods.agent.session.resume, async ({ params }) => ({
      configOptions: await configOptions(await reopen(params.sessionId)),
    }))
    .onRequest(methods.agent.session.prompt, async ({ params, client, signal }) => {
      const session = openSession(params.sessionId);
      refuseWhileBusy(session);
      session.turn = new AbortController();
      try {
        return await runPrompt(params.prompt.map(textOf).join("\n\n"), {
          conversation: session.conversation,
          server,
          settings,
          pickModel,
          client,
          signal: AbortSignal.any([session.turn.signal, signal]),
        });
      } finally {
        delete session.turn;
      }
    })
    .onNotification(methods.agent.session.cancel, ({ params }) => {
      sessions.get(params.sessionId)?.turn?.abort();
    })
    .onRequest(methods.agent.session.close, ({ params }) => {
      sessions.get(params.sessionId)?.turn?.abort();
      sessions.delete(params.sessionId);
      return {};
    })
    .onRequest(methods.agent.session.setConfigOption, async ({ params }) => {
      const { conversation } = openSession(params.sessionId);
      const { configId, value } = params;
      if (configId !== MODEL_OPTION || typeof value !== "string") {
        throw RequestError.invalidParams({ configId }, "only the option `model` can be set");
      }
      const models = await server.models();
      const found = models.find(({ name }) => sameModel(name, value));
      if (found === undefined) {
        throw modelMissing(value);
      }
      conversation.chooseModel(found.name);
      return { configOptions: modelOption(found.name, models) };
    })
    .onRequest(methods.agent.session.list, async ({ params }) => ({
      sessions: await listConversations(settings.home, params.cwd ?? undefined),
    }));

  // As the first process of a namespace it would outlive a SIGTERM that it has no handler for.
  process.once("SIGTERM", () => process.exit(0));
  const connection = app.connect(
    ndJsonStream(
      Writable.toWeb(process.stdout),
      Readable.toWeb(process.stdin) as ReadableStream<Uint8Array>,
    ),
  );
  void connection.closed.then(() => process.exit(0));
}

function refuseWhileBusy(session: OpenSession | undefined): void {
  if (session?.turn !== undefined) {
    const { sessionId } = session.conversation;
    throw RequestError.invalidRequest({ sessionId }, "a turn is running");
  }
}

/** Text and links are what every agent takes; nothing else was offered. */
function textOf(block: ContentBlock): string {
  switch (block.type) {
    case "text":
      return block.text;
    case "resource_link":
      return `${block.name} (${block.uri})`;
    default:
      return `(${block.type})`;
  }
}
