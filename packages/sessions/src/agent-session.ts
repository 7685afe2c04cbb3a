import type { SessionUpdate, StopReason } from "@agentclientprotocol/sdk";
import type { AgentConfig, PermissionPolicy } from "@pilotlight/contracts";

/** A permission that the policy granted; recorded before the reply leaves. */
export interface PermissionGrant {
  readonly toolCallId: string;
  readonly title: string;
  readonly kind: string;
  readonly optionId: string;
}

export interface OpenSessionOptions {
  readonly agent: AgentConfig;
  /** The session's working directory; created where it is missing. */
  readonly cwd: string;
  /** The agent's configuration directory for this channel; created (0700) where it is missing. */
  readonly configDir: string;
  readonly permissions: PermissionPolicy;
  readonly deadlines: {
    readonly startMs: number;
    readonly silenceMs: number;
    readonly turnMs: number;
    readonly cancelMs: number;
  };
  /** Awaited before an allowing reply is written to the agent; where it fails, the request is rejected instead. */
  recordGrant(grant: PermissionGrant): Promise<void>;
}

export interface PromptOptions {
  /** Called in wire order, synchronously; must not throw. */
  onUpdate(update: SessionUpdate): void;
  /** Aborting cancels the turn (`session/cancel`); the promise then resolves with `cancelled`. */
  readonly signal?: AbortSignal;
}

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
  readonly agent: string;
  /** The agent's root process. */
  readonly pid: number;
  /** False once the process or the connection ended, or a turn did not settle after a cancel. */
  readonly usable: boolean;
  /** Resolves, never rejects, when the agent's process and connection are gone. */
  readonly ended: Promise<SessionEnd>;
  /**
   * Runs one turn. One at a time.
   *
   * @throws AgentExitedError, TurnTimeoutError (`silence_timeout` or `turn_timeout`), AgentRequestError
   */
  prompt(text: string, options: PromptOptions): Promise<TurnResult>;
  /** The stop ladder, down to every descendant. Resolves when the tree is empty; idempotent. */
  close(): Promise<void>;
  /** Resident bytes of the whole process tree. */
  rssBytes(): Promise<number>;
}
