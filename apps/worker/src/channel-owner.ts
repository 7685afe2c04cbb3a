import { LeaseLostError, type LiveSession, type OwnedChannel } from "@pilotlight/channels";
import type { AgentConfig, PilotlightConfig } from "@pilotlight/contracts";
import type { Logger } from "@pilotlight/lifecycle";
import { type AgentSession, openSession } from "@pilotlight/sessions";
import { channelPlace } from "./channel-places.ts";
import { createConversation } from "./conversation/conversation.ts";
import { sessionStoreId } from "./conversation/session-store-id.ts";
import { createSessionSlot } from "./session-slot.ts";
import { type FetchedTurn, fetchTurn, runTurn, type TurnContext } from "./turn-runner.ts";

export interface ChannelOwnerOptions {
  readonly owned: OwnedChannel;
  readonly config: PilotlightConfig;
  readonly agent: AgentConfig;
  readonly log: Logger;
  /** Marks our agents for the warden, which ends them when we are gone. */
  readonly agentOwner?: string;
  trusted(): boolean;
  /** The channel is released, or lost. */
  onGone(): void;
}

/**
 * One channel in the hands of this worker: one turn at a time, and a session kept warm in between.
 *
 *   working ⇄ idle ──keep-alive, cool, evicted, drained──▶ closing ──▶ gone
 */
export interface ChannelOwner {
  readonly channel: string;
  readonly fence: string;
  /** Something may have changed in Redis: look again. `promptId` is what probably waits. */
  wake(promptId?: string): void;
  /** Since when it has been idle with a session (Unix ms); undefined while it works or closes. */
  idleSince(): number | undefined;
  /** Closes the idle session and releases the channel. */
  evict(): void;
  /** Finishes the running turn, closes the session and releases. Resolves when gone. */
  drain(): Promise<void>;
  /** Ends the session now, without a word to Redis. */
  abandon(): Promise<void>;
  session(): AgentSession | undefined;
}

type OwnerState =
  | { readonly at: "working" }
  | { readonly at: "idle"; readonly since: number; readonly keepAlive?: NodeJS.Timeout }
  | { readonly at: "closing" }
  | { readonly at: "gone" };

export function createChannelOwner(options: ChannelOwnerOptions): ChannelOwner {
  const { owned, config, agent, log } = options;
  const place = channelPlace(config.dataDir, owned.channel, agent.name);
  let state: OwnerState = { at: "idle", since: Date.now() };
  let lookAgain = false;
  let draining = false;
  let abandoned = false;
  let runningPrompt: string | undefined;
  let work: Promise<void> = Promise.resolve();

  const conversation = createConversation(owned, agent.name, () => sessionStoreId(place.configDir));
  const slot = createSessionSlot({ openSession: openConversation, onLost: () => wake() });

  const turn: TurnContext = {
    owned,
    slot,
    conversation,
    guarded: agent.asksBeforeChanges && config.permissions === "deny-all",
    onInterrupted: config.onInterrupted,
    textLimit: config.limits.textBytes,
    // What is abandoned must not be settled: the next owner decides about it.
    trusted: () => options.trusted() && !abandoned,
    live,
    onDispatched: (promptId) => {
      runningPrompt = promptId;
    },
  };

  async function openConversation(): Promise<AgentSession> {
    const session = await openSession({
      agent,
      cwd: place.workspace,
      configDir: place.configDir,
      resume: await conversation.candidates(),
      ...(config.workers.containment === "auto" ? {} : { containment: config.workers.containment }),
      permissions: config.permissions,
      deadlines: config.deadlines,
      ...(options.agentOwner === undefined ? {} : { owner: options.agentOwner }),
      async recordGrant(grant) {
        if (runningPrompt !== undefined) {
          await owned.recordGrant(runningPrompt, grant);
        }
      },
    });
    try {
      await conversation.opened(session);
      return session;
    } catch (error) {
      await session.close();
      throw error;
    }
  }

  function live(at: LiveSession["state"], session?: AgentSession, promptId?: string): LiveSession {
    return {
      state: at,
      fence: Number(owned.fence),
      agent: agent.name,
      ...(session === undefined ? {} : { pid: session.pid, sessionId: session.sessionId }),
      ...(promptId === undefined ? { idleSince: Date.now() } : { promptId }),
    };
  }

  function setState(next: OwnerState): void {
    if (state.at === "idle") {
      clearTimeout(state.keepAlive);
    }
    state = next;
  }

  function wake(promptId?: string): void {
    if (state.at === "idle") {
      setState({ at: "working" });
      work = run(promptId);
    } else if (state.at === "working") {
      lookAgain = true;
    }
  }

  /** Never rejects: what goes wrong ends in a released or an abandoned channel. */
  async function run(expected?: string): Promise<void> {
    try {
      for (let promptId = expected; ; promptId = undefined) {
        lookAgain = false;
        const next = await workUntilIdle(promptId);
        if (next === "close" || draining) {
          await closeAndRelease();
          return;
        }
        if (!lookAgain) {
          rest();
          return;
        }
      }
    } catch (error) {
      if (error instanceof LeaseLostError) {
        log.warn({ channel: owned.channel, fence: owned.fence }, "lease lost");
      } else {
        log.error({ channel: owned.channel, err: error }, "channel owner failed");
      }
      await abandon();
    }
  }

  async function workUntilIdle(expected: string | undefined): Promise<"rest" | "close"> {
    let job = draining ? undefined : await fetchTurn(turn, expected);
    for (;;) {
      while (job !== undefined) {
        job = await runJob(job);
      }
      if (draining) {
        return "close";
      }
      const idle = await owned.settleIdle();
      switch (idle.at) {
        case "jobs":
          job = await fetchTurn(turn);
          break;
        case "intents":
          if ((await follow(idle.intents)) === "close") {
            return "close";
          }
          break;
        case "idle":
          return slot.current() === undefined ? "close" : "rest";
      }
    }
  }

  async function runJob(fetched: FetchedTurn): Promise<FetchedTurn | undefined> {
    const end = await runTurn(turn, fetched);
    runningPrompt = undefined;
    if (end.at === "held") {
      await owned.putBack();
      return undefined;
    }
    const { state: final, summary } = end;
    const next = await owned.finish({ id: fetched.promptId, state: final, summary }, !draining);
    if (slot.current() === undefined) {
      // A session that cannot go on must be gone to its last process before the next one opens.
      await slot.discard();
    }
    return next === undefined ? undefined : { promptId: next };
  }

  async function follow(intents: Readonly<Record<string, string>>): Promise<"go on" | "close"> {
    let next: "go on" | "close" = "go on";
    for (const [name, value] of Object.entries(intents)) {
      if (name === "warm" && slot.current() === undefined) {
        await prewarm();
      }
      if (name === "cool") {
        next = "close";
      }
      await owned.clearIntent(name, value);
    }
    return next;
  }

  async function prewarm(): Promise<void> {
    await owned.showLive(live("warming"));
    try {
      const { session } = await slot.open();
      conversation.openedAhead(session);
      await owned.showLive(live("warm", session));
    } catch (error) {
      if (error instanceof LeaseLostError) {
        throw error;
      }
      log.warn({ channel: owned.channel, err: error }, "the session could not be opened ahead");
    }
  }

  function rest(): void {
    const keepAlive = setTimeout(() => evict(), config.keepAliveMs);
    setState({ at: "idle", since: Date.now(), keepAlive });
  }

  async function closeAndRelease(): Promise<void> {
    setState({ at: "closing" });
    const session = slot.current();
    if (session !== undefined) {
      await owned.showLive(live("closing", session));
    }
    await slot.discard();
    await owned.release();
    setState({ at: "gone" });
    options.onGone();
  }

  function evict(): void {
    if (state.at === "idle") {
      setState({ at: "closing" });
      work = closeAndRelease().catch(async (error: unknown) => {
        log.warn({ channel: owned.channel, err: error }, "release failed");
        await abandon();
      });
    }
  }

  async function abandon(): Promise<void> {
    abandoned = true;
    setState({ at: "closing" });
    await slot.kill();
    setState({ at: "gone" });
    options.onGone();
  }

  return {
    channel: owned.channel,
    fence: owned.fence,
    wake,
    idleSince: () => (state.at === "idle" ? state.since : undefined),
    evict,
    async drain() {
      draining = true;
      evict();
      await work;
    },
    abandon,
    session: () => slot.current(),
  };
}
