import type { ChannelRecord } from "@pilotlight/channels";
import type {
  ChannelSettings,
  LimitPolicy,
  PermissionPolicy,
  PilotlightConfig,
} from "@pilotlight/contracts";

/** A channel's settings as its owner uses them: with their defaults, and as of one version. */
export interface ChannelProfile {
  readonly version: string;
  readonly settings: ChannelSettings;
  readonly priority: number;
  /** Names of agents, the preferred one first. */
  readonly agents: readonly string[];
  readonly permissions: PermissionPolicy;
  readonly onLimit: LimitPolicy;
  readonly keepAliveMs: number;
  /** Name of the workspace that was adopted with a standby session. */
  readonly workspace?: string;
}

export function profileOf(
  config: PilotlightConfig,
  record: ChannelRecord | undefined,
): ChannelProfile {
  const settings = record?.settings ?? {};
  return {
    version: record?.version ?? "",
    settings,
    priority: settings.priority ?? 0,
    agents: settings.agents ?? [config.defaultAgent],
    permissions: settings.permissions ?? config.permissions,
    onLimit: settings.onLimit ?? config.onLimit,
    keepAliveMs:
      settings.keepAliveSecs === undefined ? config.keepAliveMs : settings.keepAliveSecs * 1000,
    ...(record?.workspace === undefined ? {} : { workspace: record.workspace }),
  };
}
