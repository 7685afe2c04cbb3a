import type { SessionUpdate, StopReason } from "@agentclientprotocol/sdk";
import type { Containment, ProcessTree, StopTimings } from "@pilotlight/agents";
import type { AgentConfig, McpServerConfig } from "@pilotlight/contracts";
import type { TurnPeople } from "./turn/turn-people.ts";

/** How a person wants the agent to work: set anew whenever a session is opened. */
export interface SessionPreferences {
  /** One of its modes (`session/set_mode`). */
  readonly mode?: string;
  /** Values of its options by their ids (`session/set_config_option`). */
  readonly config?: Readonly<Record<string, string | boolean>>;
}

export interface OpenSessionOptions {
  readonly agent: AgentConfig;
  /** The session's working directory; created where it is missing. */
  readonly cwd: string;
  /** The agent's configuration directory for this channel; created (0700) where it is missing. */
  readonly configDir: string;
  /**
   * Ids of earlier sessions of this conversation, tried in this order by `session/resume` or `session/load`, at most
   * three. Where none can be opened again, or none is given, the session is a new one.
   */
  readonly resume?: readonly string[];
  readonly mcpServers?: readonly McpServerConfig[];
  /** Sent with `session/new` as `_meta.systemPrompt`; for agents that take it. */
  readonly systemPrompt?: string;
  readonly preferences?: SessionPreferences;
  readonly deadlines: {
    readonly startMs: number;
    readonly silenceMs: number;
    readonly turnMs: number;
    readonly cancelMs: number;
    /** How long the agent may take to say what became of a message for its running turn. Default: 10 s. */
    readonly steerMs?: number;
  };
  /** The rungs of the stop ladder. Default: 4 s after the end of stdin, 2 s after SIGTERM, 5 s after SIGKILL. */
  readonly stop?: StopTimings;
  /** Default: the strongest that this machine allows. */
  readonly containment?: Containment;
  /** Who answers for the agent's processes: the front of their tree's marker. */
  readonly owner?: string;
}

export interface PromptOptions {
  /** Who answers what the agent asks. Default: permissions are rejected, other questions cancelled. */
  readonly people?: TurnPeople;
  /** Called in wire order, synchronously; must not throw. */
  onUpdate(update: SessionUpdate): void;
  /** Aborting cancels the turn (`session/cancel`); the promise then resolves with `cancelled`. */
  readonly signal?: AbortSignal;
}

/**
 * What became of a message for a running turn: `injected` into it, and answered in it; or `promptRequired`, because the
 * turn was over when the message came: the agent left it alone.
 */
export type SteerOutcome = "injected" | "promptRequired";

export interface TurnResult {
  readonly stopReason: StopReason;
  readonly usage?: Readonly<Record<string, unknown>>;
}

/** Why a session is over: asked for, or the agent's process or connection ended by itself. */
export interface SessionEnd {
  readonly reason: "closed" | "exited" | "disconnected";
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly stderr: string;
}

/** One ACP session in one agent process. */
export interface AgentSession {
  readonly sessionId: string;
  /** What the agent knows of the conversation: everything, or nothing (`fresh`). */
  readonly opened: "resumed" | "loaded" | "fresh";
  /** Those of the given ids that the agent's store does not know: they are not worth another try. */
  readonly condemned: readonly string[];
  readonly agent: string;
  /** Whether it takes messages into a running turn: `steer`. */
  readonly steers: boolean;
  /** Permission requests and elicitations that came outside of any turn and were rejected. */
  readonly unheardRequests: number;
  /** The agent's root process. */
  readonly pid: number;
  /** Names the process tree, so that another process can end it: see `killTree` of the agents package. */
  readonly tree: ProcessTree;
  /** False once the process or the connection ended, or a turn did not settle after a cancel. */
  readonly usable: boolean;
  /** Resolves, never rejects, when the agent's process and connection are gone. */
  readonly ended: Promise<SessionEnd>;
  /**
   * Runs one turn. The last part is the request; what comes before it is background. One turn at a time. Settles after every update that came before the agent's answer was handed over.
   *
   * @throws AgentExitedError (its tree is empty by then), TurnTimeoutError (`silence_timeout` or `turn_timeout`),
   * AgentRequestError, SessionUnavailableError (nothing was sent)
   */
  prompt(parts: readonly string[], options: PromptOptions): Promise<TurnResult>;
  /**
   * Sends a message into the running turn. What the agent says to it comes as updates of that turn, which ends when that is
   * said. The message is sent by `_session/steering`, an extension of the protocol that claude-agent-acp and codex-acp
   * brought up: agents that have it say so in their answer to `initialize` (`_meta.steering.supported`); it takes
   * `{sessionId, prompt, _meta: {steering: {idleBehavior: "promptRequired"}}}`, without which an idle agent would begin a
   * turn of its own, and answers `{outcome}`. Resolves after every update that came before the agent's answer was handed over.
   *
   * @throws SessionUnavailableError (no turn runs, or it is being cancelled, or the agent does not steer; nothing was sent),
   * AgentRequestError (the agent did not take it), SteerUnansweredError (within `steerMs`; it may still take it),
   * AgentExitedError
   */
  steer(parts: readonly string[]): Promise<SteerOutcome>;
  /** Sets mode and options. @throws AgentSettingsError where the agent refuses one, AgentExitedError */
  configure(preferences: SessionPreferences): Promise<void>;
  /**
   * Cancels a running turn, then the stop ladder, down to every descendant. Resolves when the tree is empty; idempotent.
   *
   * @throws AgentTreeAliveError where processes outlive SIGKILL
   */
  close(): Promise<void>;
  /** SIGKILL to every process at once. Resolves when the tree is empty. @throws AgentTreeAliveError */
  kill(): Promise<void>;
  /** Whether its root process is there and not stopped; what it does is not asked. */
  responsive(): boolean;
  /** Resident bytes of the whole process tree. */
  rssBytes(): Promise<number>;
}
