import type { InterruptionPolicy } from "../prompts/interruption.ts";
import type { LimitPolicy } from "../prompts/limit-policy.ts";
import type { PermissionPolicy } from "../questions/permission-rule.ts";
import type { AgentProbe } from "./agent-probe.ts";
import type { CallbackConfig } from "./callback-config.ts";
import type { PrecheckConfig } from "./precheck-config.ts";

/** A backend, ready to spawn. */
export interface AgentConfig {
  readonly name: string;
  readonly command: readonly string[];
  /** Names (or `PREFIX_*`) of environment variables that it may see besides the common ones. */
  readonly env: readonly string[];
  readonly set: Readonly<Record<string, string>>;
  readonly configDirEnv?: string;
  readonly asksBeforeChanges: boolean;
  /** What tells whether it works. Absent: it is started and asked to shake hands. */
  readonly probe?: AgentProbe;
  /** `session/new` takes `_meta.systemPrompt`. */
  readonly takesSystemPrompt?: boolean;
  /** Sessions kept ready for new channels by each worker. */
  readonly standby?: number;
}

/** A tool server that the configuration names. */
export type McpServerConfig =
  | {
      readonly name: string;
      readonly command: readonly string[];
      readonly env: Readonly<Record<string, string>>;
    }
  | {
      readonly name: string;
      readonly url: string;
      readonly headers: Readonly<Record<string, string>>;
    };

/** The configuration as processes use it: checked, complete, frozen; durations in milliseconds. */
export interface PilotlightConfig {
  readonly dataDir: string;
  readonly logLevel: string;
  readonly redis: {
    readonly url?: string;
    readonly fsync: "everysec" | "always";
    /** Replicas that must have a prompt before it is accepted. */
    readonly minReplicas: number;
  };
  readonly http: {
    readonly host: string;
    readonly port: number;
    readonly allowedHosts: readonly string[];
    readonly allowedOrigins: readonly string[];
  };
  /** `listen` is absent where no board runs. */
  readonly board: { readonly listen?: string };
  readonly defaultAgent: string;
  readonly agents: Readonly<Record<string, AgentConfig>>;
  /** Agents whose health is watched from the start: the default one, and what the file names. */
  readonly watchedAgents: readonly string[];
  readonly probeEveryMs: number;
  readonly mcpServers: Readonly<Record<string, McpServerConfig>>;
  /** What schedules may name to decide whether their agent is woken. */
  readonly prechecks: Readonly<Record<string, PrecheckConfig>>;
  readonly callbacks: CallbackConfig;
  /** Absolute directories in which the `cwd` of a channel may lie. */
  readonly cwdRoots: readonly string[];
  readonly permissions: PermissionPolicy;
  /** How long a question waits for its answer, and an "always" holds, where the channel does not say. */
  readonly askMs: number;
  readonly grantMs: number;
  readonly onInterrupted: InterruptionPolicy;
  readonly onLimit: LimitPolicy;
  readonly keepAliveMs: number;
  /** How long before a due time its session is opened, where its schedule does not say. */
  readonly preWarmMs: number;
  readonly workers: {
    readonly count: number;
    readonly maxSessions: number;
    /** Absent: no budget. */
    readonly memoryBudgetBytes?: number;
    readonly sessionMemoryBytes: number;
    readonly leaseTtlMs: number;
    readonly drainMs: number;
    readonly containment: "auto" | "namespace" | "none";
  };
  readonly deadlines: {
    readonly startMs: number;
    readonly silenceMs: number;
    readonly turnMs: number;
    readonly cancelMs: number;
    readonly probeMs: number;
  };
  readonly retentionMs: number;
  readonly limits: {
    readonly bodyBytes: number;
    readonly promptBytes: number;
    readonly queuePerChannel: number;
    readonly queueTotal: number;
    readonly sseTotal: number;
    readonly eventsPerChannel: number;
    readonly textBytes: number;
  };
}
