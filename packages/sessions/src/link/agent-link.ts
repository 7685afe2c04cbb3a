import { setImmediate } from "node:timers/promises";
import {
  type CreateElicitationRequest,
  type CreateElicitationResponse,
  client,
  type InitializeResponse,
  type McpServer,
  methods,
  type NewSessionResponse,
  ndJsonStream,
  PROTOCOL_VERSION,
  type PromptResponse,
  type RequestPermissionRequest,
  type RequestPermissionResponse,
  type SessionUpdate,
  type TextContent,
} from "@agentclientprotocol/sdk";
import type { AgentProcess } from "@pilotlight/agents";
import type { McpServerConfig } from "@pilotlight/contracts";
import { rejectPermission } from "../turn/question-desk.ts";
import { createJsonLines, type JsonLines } from "./json-lines.ts";
import { readLines, writeLines } from "./process-streams.ts";

/** What a turn hears from the agent. */
interface TurnListener {
  readonly sessionId: string;
  onUpdate(update: SessionUpdate): void;
  /** The agent answered something other than the prompt. */
  onSign(): void;
  /** `withdrawn` aborts when the agent takes its question back, or is lost. */
  onPermission(
    request: RequestPermissionRequest,
    withdrawn: AbortSignal,
  ): Promise<RequestPermissionResponse>;
  onElicitation(
    request: CreateElicitationRequest,
    withdrawn: AbortSignal,
  ): Promise<CreateElicitationResponse>;
  onElicitationComplete(elicitationId: string): void;
}

/** What every way of opening a session has to say. */
export interface SessionPlace {
  readonly cwd: string;
  readonly mcpServers: readonly McpServerConfig[];
}

/** The ACP connection to one agent process. Requests reject when it is lost. */
export interface AgentLink {
  initialize(): Promise<InitializeResponse>;
  newSession(place: SessionPlace, systemPrompt: string | undefined): Promise<NewSessionResponse>;
  /** Opens a session again without telling what was said in it. */
  resumeSession(sessionId: string, place: SessionPlace): Promise<void>;
  /** Opens a session again; what was said in it comes once more as updates, which nobody hears. */
  loadSession(sessionId: string, place: SessionPlace): Promise<void>;
  setMode(sessionId: string, modeId: string): Promise<void>;
  setOption(sessionId: string, configId: string, value: string | boolean): Promise<void>;
  prompt(sessionId: string, parts: readonly string[]): Promise<PromptResponse>;
  /** What the agent answers to a message for its running turn; aborting the signal takes the message back where it can. */
  steer(sessionId: string, parts: readonly string[], signal: AbortSignal): Promise<unknown>;
  cancel(sessionId: string): void;
  closeSession(sessionId: string): Promise<void>;
  /** From now on this turn hears what comes. Without one, updates are dropped and questions rejected. */
  attach(listener: TurnListener): void;
  detach(): void;
  /** Permission requests and elicitations that no turn heard; they were rejected. */
  readonly unheardRequests: number;
  /** Resolves when everything that was read so far has been handed to the listener. */
  delivered(): Promise<void>;
  /** Resolves when the connection is over, whoever ended it. */
  readonly closed: Promise<void>;
  /** Lines on stdout that were not the protocol's. */
  readonly noise: Pick<JsonLines, "dropped" | "sample">;
  disconnect(): void;
}

/** An extension: see `AgentSession.steer`. */
const STEERING = "_session/steering";
const CLIENT_INFO = { name: "pilotlight", title: "Pilotlight", version: "0.1.0" };

export function connectAgent(agentProcess: AgentProcess): AgentLink {
  const noise = createJsonLines();
  let listener: TurnListener | undefined;
  let unheardRequests = 0;

  // The update's handler first: the SDK reaches each later one a moment later, and an update must not be overtaken by a
  // question about it. None for fs/* and terminal/*: the capabilities are not offered, and the SDK answers "method not found".
  const connection = client({ name: "pilotlight" })
    .onNotification(methods.client.session.update, ({ params }) => {
      if (params.sessionId === listener?.sessionId) {
        listener.onUpdate(params.update);
      }
    })
    .onRequest(methods.client.session.requestPermission, ({ params, signal }) => {
      if (params.sessionId === listener?.sessionId) {
        return listener.onPermission(params, signal);
      }
      unheardRequests += 1;
      return rejectPermission(params);
    })
    .onRequest(methods.client.elicitation.create, ({ params, signal }) => {
      const turn = listener;
      if (turn !== undefined && "sessionId" in params && params.sessionId === turn.sessionId) {
        return turn.onElicitation(params, signal);
      }
      unheardRequests += 1;
      return { action: "cancel" };
    })
    .onNotification(methods.client.elicitation.complete, ({ params }) => {
      listener?.onElicitationComplete(params.elicitationId);
    })
    .connect(ndJsonStream(writeLines(agentProcess.stdin), readLines(agentProcess.stdout, noise)));
  const { agent } = connection;

  return {
    initialize: () =>
      agent.request(methods.agent.initialize, {
        // Exactly this: asked for more, some agents answer with a draft of the next version.
        protocolVersion: PROTOCOL_VERSION,
        clientInfo: CLIENT_INFO,
        clientCapabilities: {
          fs: { readTextFile: false, writeTextFile: false },
          terminal: false,
          elicitation: { form: {}, url: {} },
        },
      }),
    newSession: (place, systemPrompt) =>
      agent.request(methods.agent.session.new, {
        ...placeOf(place),
        // Appended to what the agent tells itself: to replace that would take its abilities.
        ...(systemPrompt === undefined
          ? {}
          : { _meta: { systemPrompt: { append: systemPrompt } } }),
      }),
    resumeSession: async (sessionId, place) => {
      await agent.request(methods.agent.session.resume, { sessionId, ...placeOf(place) });
    },
    loadSession: async (sessionId, place) => {
      await agent.request(methods.agent.session.load, { sessionId, ...placeOf(place) });
    },
    setMode: async (sessionId, modeId) => {
      await agent.request(methods.agent.session.setMode, { sessionId, modeId });
    },
    setOption: async (sessionId, configId, value) => {
      await agent.request(
        methods.agent.session.setConfigOption,
        typeof value === "boolean"
          ? { sessionId, configId, type: "boolean", value }
          : { sessionId, configId, value },
      );
    },
    prompt: (sessionId, parts) =>
      agent.request(methods.agent.session.prompt, {
        sessionId,
        prompt: parts.map(textBlock),
      }),
    steer: async (sessionId, parts, signal) => {
      const answer = await agent.request(
        STEERING,
        {
          sessionId,
          prompt: parts.map(textBlock),
          _meta: { steering: { idleBehavior: "promptRequired" } },
        },
        { cancellationSignal: signal },
      );
      listener?.onSign();
      return answer;
    },
    cancel: (sessionId) => {
      // A lost connection has ended the turn already.
      agent.notify(methods.agent.session.cancel, { sessionId }).catch(() => undefined);
    },
    closeSession: async (sessionId) => {
      await agent.request(methods.agent.session.close, { sessionId });
    },
    attach: (turn) => {
      listener = turn;
    },
    detach: () => {
      listener = undefined;
    },
    get unheardRequests() {
      return unheardRequests;
    },
    // The SDK resolves an answer at once but takes a few microtasks to reach the handler of an update before it.
    delivered: () => setImmediate(),
    closed: connection.closed,
    noise,
    disconnect: () => connection.close(),
  };
}

function textBlock(text: string): TextContent & { type: "text" } {
  return { type: "text", text };
}

function placeOf({ cwd, mcpServers }: SessionPlace): { cwd: string; mcpServers: McpServer[] } {
  return { cwd, mcpServers: mcpServers.map(mcpServerOf) };
}

function mcpServerOf(server: McpServerConfig): McpServer {
  if ("url" in server) {
    const { name, url, headers } = server;
    return { type: "http", name, url, headers: pairsOf(headers) };
  }
  const [command = "", ...args] = server.command;
  return { name: server.name, command, args, env: pairsOf(server.env) };
}

function pairsOf(record: Readonly<Record<string, string>>): { name: string; value: string }[] {
  return Object.entries(record).map(([name, value]) => ({ name, value }));
}
