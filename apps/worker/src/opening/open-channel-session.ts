import { existsSync } from "node:fs";
import { AgentStartError } from "@pilotlight/agents";
import { cwdFault, type PilotlightConfig } from "@pilotlight/contracts";
import { AgentIncompatibleError, type AgentSession, openSession } from "@pilotlight/sessions";
import type { AgentHealth } from "../agent-health/agent-health.ts";
import { failureReason } from "../agent-health/failure-reason.ts";
import type { ChannelProfile } from "../channel-profile.ts";
import type { Conversation } from "../conversation/conversation.ts";
import { sessionStoreId } from "../conversation/session-store-id.ts";
import type { StandbyPool } from "../standby/standby-pool.ts";
import { AgentsLimitedError } from "./agents-limited-error.ts";
import { ChannelSetupError } from "./channel-setup-error.ts";
import { fitsStandby, planSession, type SessionPlan } from "./session-plan.ts";

export interface OpenChannelSessionOptions {
  readonly config: PilotlightConfig;
  readonly channel: string;
  readonly profile: ChannelProfile;
  readonly conversation: Conversation;
  readonly health: AgentHealth;
  readonly standby: StandbyPool;
  readonly agentOwner?: string;
  /** The agent was killed while it started: whether another start of it is due. */
  mayStartAgain(error: AgentStartError): Promise<boolean>;
}

export interface OpenedForChannel {
  readonly session: AgentSession;
  readonly plan: SessionPlan;
}

/**
 * Opens a session of the channel's conversation with the first of its agents that can: in the order of preference, those
 * that are known to work first, and none whose usage limit is hit. One that is killed while it starts is started again,
 * once.
 *
 * @throws AgentsLimitedError, AgentSettingsError (nobody else is asked then), or why the preferred agent did not start
 */
export async function openChannelSession(
  options: OpenChannelSessionOptions,
): Promise<OpenedForChannel> {
  const { profile, health } = options;
  const ranked = health.rank(profile.agents);
  const usable = ranked.filter((agent) => health.limitedUntil(agent) === undefined);
  if (usable.length === 0) {
    const untilMs = Math.min(...ranked.map((agent) => health.limitedUntil(agent) ?? Date.now()));
    throw new AgentsLimitedError(ranked, untilMs);
  }
  const failures: unknown[] = [];
  for (const agent of usable) {
    try {
      const opened = await openUnlessKilledTwice(options, agent);
      health.note(agent, { at: "good" });
      return opened;
    } catch (error) {
      if (isAgentFailure(error)) {
        health.note(agent, { at: "failed", reason: failureReason(error) });
      } else if (!(error instanceof ChannelSetupError)) {
        throw error;
      }
      failures.push(error);
    }
  }
  // Whoever reads it wants to know what is wrong with the agent that was meant.
  throw failures[0];
}

/** What the agent itself did, as against what was asked of it. */
function isAgentFailure(error: unknown): error is AgentStartError | AgentIncompatibleError {
  return error instanceof AgentStartError || error instanceof AgentIncompatibleError;
}

/** Whoever killed it (a person, the system that was short of memory) tells nothing about the agent: it gets one more try. */
async function openUnlessKilledTwice(
  options: OpenChannelSessionOptions,
  agent: string,
): Promise<OpenedForChannel> {
  try {
    return await openWith(options, agent);
  } catch (error) {
    const wasKilled = error instanceof AgentStartError && error.killedBy !== undefined;
    if (!wasKilled || !(await options.mayStartAgain(error))) {
      throw error;
    }
  }
  return await openWith(options, agent);
}

async function openWith(
  options: OpenChannelSessionOptions,
  agent: string,
): Promise<OpenedForChannel> {
  const { config, channel, profile, conversation, standby } = options;
  const plan = planSession(config, channel, profile, agent);
  if (typeof plan === "string") {
    throw new ChannelSetupError(channel, plan);
  }
  const fault =
    profile.settings.cwd === undefined ? undefined : cwdFault(plan.cwd, config.cwdRoots);
  if (fault !== undefined) {
    throw new ChannelSetupError(channel, `its working directory ${plan.cwd} ${fault}`);
  }
  // A place of the channel's own means that somebody may have left something there.
  const adopted =
    fitsStandby(plan) && profile.workspace === undefined && !existsSync(plan.place.root)
      ? await standby.adopt(agent, plan.preferences)
      : undefined;
  if (adopted !== undefined) {
    const { session, place, name } = adopted;
    await conversation.opened(session, {
      store: sessionStoreId(place.configDir),
      ...(plan.instructions === undefined ? {} : { instructions: plan.instructions }),
      adopts: name,
    });
    return { session, plan: { ...plan, place, cwd: place.workspace } };
  }
  await standby.makeRoom();
  const store = sessionStoreId(plan.place.configDir);
  const session = await openSession({
    agent: plan.agent,
    cwd: plan.cwd,
    configDir: plan.place.configDir,
    resume: conversation.candidates(agent, store),
    mcpServers: plan.mcpServers,
    ...(plan.systemPrompt === undefined ? {} : { systemPrompt: plan.systemPrompt }),
    preferences: plan.preferences,
    ...(config.workers.containment === "auto" ? {} : { containment: config.workers.containment }),
    deadlines: config.deadlines,
    ...(options.agentOwner === undefined ? {} : { owner: options.agentOwner }),
  });
  try {
    await conversation.opened(session, {
      store,
      ...(plan.instructions === undefined ? {} : { instructions: plan.instructions }),
    });
    return { session, plan };
  } catch (error) {
    await session.close();
    throw error;
  }
}
