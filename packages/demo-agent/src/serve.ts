import { randomUUID } from "node:crypto";
import { rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable, Writable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import {
  type AgentContext,
  agent,
  type ContentBlock,
  methods,
  ndJsonStream,
  PROTOCOL_VERSION,
  RequestError,
} from "@agentclientprotocol/sdk";
import {
  type Conversation,
  conversationFile,
  newConversation,
  readConversation,
} from "./conversation.ts";
import { listConversations } from "./list-conversations.ts";
import { countOf } from "./parse-prompt.ts";
import { runPrompt } from "./run-prompt.ts";
import {
  describeModes,
  describeOptions,
  newSettings,
  type SessionSettings,
  setMode,
  setOption,
  systemPromptOf,
} from "./session-settings.ts";
import { createSteering, parseSteerRequest, type Steering } from "./steering.ts";
import { makeTrouble } from "./trouble.ts";

interface OpenSession {
  readonly conversation: Conversation;
  readonly settings: SessionSettings;
  /** The running turn. */
  turn?: { readonly abort: AbortController; readonly steering: Steering };
}

const MAX_DELAY_MS = 3_600_000;

/** Speaks ACP on stdin and stdout until stdin ends. */
export function serve(env: Readonly<Record<string, string | undefined>>): void {
  const home = env.DEMO_AGENT_HOME ?? temporaryHome();
  const steers = env.DEMO_NO_STEERING !== "1";
  const sessions = new Map<string, OpenSession>();

  function open(conversation: Conversation, systemPrompt?: string): OpenSession {
    const session = { conversation, settings: newSettings(systemPrompt) };
    sessions.set(conversation.sessionId, session);
    return session;
  }

  function sessionOf(sessionId: string): OpenSession {
    const session = sessions.get(sessionId);
    if (session === undefined) {
      throw RequestError.sessionNotFound(sessionId);
    }
    return session;
  }

  async function reopen(sessionId: string): Promise<Conversation> {
    await makeTrouble(env.DEMO_REOPEN, "an earlier session");
    const conversation = readConversation(home, sessionId);
    if (conversation === undefined) {
      throw RequestError.sessionNotFound(sessionId);
    }
    open(conversation);
    return conversation;
  }

  // In this order: the SDK reaches a later handler a moment later, and a close must not overtake its prompt.
  const app = agent({ name: "demo-agent" })
    .onRequest(methods.agent.initialize, async () => {
      await sleep(countOf(env.DEMO_START_MS, 0, MAX_DELAY_MS));
      return {
        protocolVersion: countOf(env.DEMO_PROTOCOL_VERSION, PROTOCOL_VERSION, 99),
        agentInfo: { name: "pilotlight-demo", title: "Pilotlight demo agent", version: "0.1.0" },
        agentCapabilities: {
          loadSession: true,
          sessionCapabilities: {
            close: {},
            delete: {},
            list: {},
            ...(env.DEMO_NO_RESUME === "1" ? {} : { resume: {} }),
          },
        },
        authMethods: [],
        ...(steers ? { _meta: { steering: { supported: true } } } : {}),
      };
    })
    .onRequest(methods.agent.session.new, async ({ params }) => {
      await sleep(countOf(env.DEMO_NEW_MS, 0, MAX_DELAY_MS));
      if (env.DEMO_AUTH_REQUIRED === "1") {
        throw RequestError.authRequired();
      }
      const sessionId = `demo-${randomUUID()}`;
      const { settings } = open(
        newConversation(home, sessionId, params.cwd),
        systemPromptOf(params._meta),
      );
      return {
        sessionId,
        modes: describeModes(settings),
        configOptions: describeOptions(settings),
      };
    })
    .onRequest(methods.agent.session.load, async ({ params, client }) => {
      await replay(client, await reopen(params.sessionId));
      return {};
    })
    .onRequest(methods.agent.session.resume, async ({ params }) => {
      await reopen(params.sessionId);
      return {};
    })
    .onRequest(methods.agent.session.setMode, ({ params }) => {
      setMode(sessionOf(params.sessionId).settings, params.modeId);
      return {};
    })
    .onRequest(methods.agent.session.setConfigOption, ({ params }) => {
      const { settings } = sessionOf(params.sessionId);
      setOption(settings, params.configId, params.value);
      return { configOptions: describeOptions(settings) };
    })
    .onRequest(methods.agent.session.prompt, async ({ params, client, signal }) => {
      const session = sessionOf(params.sessionId);
      if (session.turn !== undefined) {
        throw RequestError.invalidRequest({ sessionId: params.sessionId }, "a turn is running");
      }
      const abort = new AbortController();
      const cancelled = AbortSignal.any([abort.signal, signal]);
      const steering = createSteering(cancelled);
      session.turn = { abort, steering };
      try {
        return await runPrompt(params.prompt.map(textOf), {
          conversation: session.conversation,
          settings: session.settings,
          client,
          env,
          cancelled,
          steering,
        });
      } finally {
        delete session.turn;
      }
    })
    .onNotification(methods.agent.session.cancel, ({ params }) => {
      sessions.get(params.sessionId)?.turn?.abort.abort();
    })
    .onRequest(methods.agent.session.close, ({ params }) => {
      sessions.get(params.sessionId)?.turn?.abort.abort();
      sessions.delete(params.sessionId);
      return {};
    })
    .onRequest(methods.agent.session.delete, ({ params }) => {
      sessions.delete(params.sessionId);
      if (readConversation(home, params.sessionId) !== undefined) {
        rmSync(conversationFile(home, params.sessionId));
      }
      return {};
    })
    .onRequest(methods.agent.session.list, ({ params }) => ({
      sessions: listConversations(home, params.cwd ?? undefined),
    }));

  if (steers) {
    app.onRequest("_session/steering", parseSteerRequest, async ({ params }) => {
      const { turn } = sessionOf(params.sessionId);
      await makeTrouble(env.DEMO_STEER, "steering");
      return turn?.steering.inject(params.text)
        ? { outcome: "injected" }
        : { outcome: "promptRequired", reason: "noRunningTurn" };
    });
  }

  const connection = app.connect(
    ndJsonStream(
      Writable.toWeb(process.stdout),
      Readable.toWeb(process.stdin) as ReadableStream<Uint8Array>,
    ),
  );
  void connection.closed.then(() => {
    if (env.DEMO_IGNORE_EOF === "1") {
      setInterval(() => undefined, MAX_DELAY_MS);
    } else {
      process.exit(0);
    }
  });
}

/** Without a home of its own nothing outlives the process. */
function temporaryHome(): string {
  const home = join(tmpdir(), `demo-agent-${randomUUID()}`);
  process.on("exit", () => rmSync(home, { recursive: true, force: true }));
  return home;
}

/** What `session/load` promises: the whole conversation once more, as updates. */
async function replay(client: AgentContext, conversation: Conversation): Promise<void> {
  for (const { role, text } of conversation.messages) {
    await client.notify(methods.client.session.update, {
      sessionId: conversation.sessionId,
      update: {
        sessionUpdate: role === "assistant" ? "agent_message_chunk" : "user_message_chunk",
        content: { type: "text", text },
      },
    });
  }
}

function textOf(block: ContentBlock): string {
  return block.type === "text" ? block.text : `(${block.type})`;
}
