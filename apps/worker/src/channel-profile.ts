import type { ChannelRecord } from "@pilotlight/channels";
import type {
  ChannelPermissions,
  ChannelSettings,
  LimitPolicy,
  PermissionPolicy,
  PermissionRule,
  PilotlightConfig,
} from "@pilotlight/contracts";

/** Who answers when the agent asks. */
export interface PermissionProfile {
  readonly policy: PermissionPolicy;
  readonly allow: readonly PermissionRule[];
  readonly deny: readonly PermissionRule[];
  /** How long a question waits for its answer, and an "always" holds. */
  readonly askMs: number;
  readonly grantMs: number;
}

/** A channel's settings as its owner uses them: with their defaults, and as of one version. */
export interface ChannelProfile {
  readonly version: string;
  readonly settings: ChannelSettings;
  readonly priority: number;
  /** Names of agents, the preferred one first. */
  readonly agents: readonly string[];
  readonly permissions: PermissionProfile;
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
    permissions: permissionsOf(config, settings.permissions),
    onLimit: settings.onLimit ?? config.onLimit,
    keepAliveMs:
      settings.keepAliveSecs === undefined ? config.keepAliveMs : settings.keepAliveSecs * 1000,
    ...(record?.workspace === undefined ? {} : { workspace: record.workspace }),
  };
}

/** Whether nothing is allowed but by a person. */
export function approvesNothing({ policy, allow }: PermissionProfile): boolean {
  return (policy === "ask" || policy === "deny-all") && allow.length === 0;
}

function permissionsOf(
  config: PilotlightConfig,
  given: ChannelPermissions | undefined,
): PermissionProfile {
  const own: Exclude<ChannelPermissions, string> =
    typeof given === "string" ? { policy: given } : (given ?? {});
  const { policy, allow, deny, askSecs, grantSecs } = own;
  return {
    policy: policy ?? config.permissions,
    allow: allow ?? [],
    deny: deny ?? [],
    askMs: askSecs === undefined ? config.askMs : askSecs * 1000,
    grantMs: grantSecs === undefined ? config.grantMs : grantSecs * 1000,
  };
}
