import { LeaseLostError, type LiveSession, type OwnedChannel } from "@pilotlight/channels";
import type { PilotlightConfig } from "@pilotlight/contracts";
import type { Logger } from "@pilotlight/lifecycle";
import { type AgentSession, AgentSettingsError } from "@pilotlight/sessions";
import type { AgentHealth } from "./agent-health/agent-health.ts";
import { approvesNothing, type ChannelProfile, profileOf } from "./channel-profile.ts";
import { createConversation } from "./conversation/conversation.ts";
import { openChannelSession } from "./opening/open-channel-session.ts";
import { planSession, processKey, type SessionPlan } from "./opening/session-plan.ts";
import { createTurnDesk, type TurnDesk } from "./questions/turn-desk.ts";
import { MOST_ERRORS_IN_A_ROW, RESTART_INTENSITY, UNTOLD_LIMIT_MS } from "./restart-limits.ts";
import { createSessionSlot } from "./session-slot.ts";
import type { StandbyPool } from "./standby/standby-pool.ts";
import { parseWarmWish, type WarmWish } from "./timers/warm-wish.ts";
import {
  type DeskInput,
  type FetchedTurn,
  fetchTurn,
  runTurn,
  type TurnContext,
  type TurnUnderWay,
} from "./turn-runner.ts";

export interface ChannelOwnerOptions {
  readonly owned: OwnedChannel;
  readonly config: PilotlightConfig;
  readonly health: AgentHealth;
  readonly standby: StandbyPool;
  readonly log: Logger;
  /** Marks our agents for the warden, which ends them when we are gone. */
  readonly agentOwner?: string;
  trusted(): boolean;
  /** It has become idle, or is being closed: whoever waits for room may have its place. */
  onRoom(): void;
  /** The channel is released, or lost. */
  onGone(): void;
  /** The session could not be opened ahead of this due time. */
  onAheadFailed(ahead: WarmWish): void;
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
  /** Higher is kept longer. */
  readonly priority: number;
  readonly isClosing: boolean;
  /** Its session was opened ahead for a prompt that is still to come. */
  readonly isDue: boolean;
  /** Somebody waits for its session to open, or for the first word of a turn. */
  readonly hurried: boolean;
  /** Closes the idle session and releases the channel. */
  evict(): void;
  /** Closes the session, now or when its turn is over; the next prompt resumes it in another process. */
  recycle(reason: string): void;
  /** Somebody may have answered what its agent asks. */
  answered(): void;
  /**
   * Finishes the running turn, closes the session and releases. A turn that waits for a person is handed over: its next
   * owner asks again. Resolves when gone.
   */
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

/** An agent that did something so lately is not looked at before its next turn. */
const TRUSTED_IDLE_MS = 2000;

/** By how much the clocks of two machines may differ, for what a prompt is taken to be the one that is due. */
const CLOCKS_APART_MS = 500;
const FAILURE_CHARS = 500;
/** Times of Redis are whole milliseconds, and ours may pass a little faster. */
const SHORTEST_PAUSE_MS = 5;
/** What a timer of Node's can wait. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** What its owner does when nothing is left to do. */
type Rest = "rest" | "close" | "forget";

export function createChannelOwner(options: ChannelOwnerOptions): ChannelOwner {
  const { owned, config, health, log } = options;
  let state: OwnerState = { at: "idle", since: Date.now() };
  let lookAgain = false;
  let draining = false;
  let abandoned = false;
  let recycling = false;
  let hurried = false;
  let errorsInARow = 0;
  /** What the session is kept for: the last prompt that is to come at a time. */
  let due: WarmWish | undefined;
  let turnUnderWay: TurnUnderWay | undefined;
  let endPause: () => void = () => undefined;
  let work: Promise<void> = Promise.resolve();
  /** Read before the first session is opened, and whenever a dispatch says that there are others. */
  let profile: ChannelProfile | undefined;
  /** What the open session was opened with. */
  let plan: SessionPlan | undefined;

  /** Failures that were counted, and whether the channel rests since: none counts twice. */
  const counted = new WeakMap<Error, boolean>();

  const conversation = createConversation(owned);
  const slot = createSessionSlot({
    openSession: openConversation,
    onEnded: (session, how) => conversation.ended(session.sessionId, how),
    onLost: () => wake(),
  });

  const turn: TurnContext = {
    owned,
    log,
    slot,
    conversation,
    onInterrupted: config.onInterrupted,
    textLimit: config.limits.textBytes,
    // What is abandoned must not be settled: the next owner decides about it.
    trusted: () => options.trusted() && !abandoned,
    guarded: ({ agent }) =>
      config.agents[agent]?.asksBeforeChanges === true &&
      profile !== undefined &&
      approvesNothing(profile.permissions),
    openDesk,
    settingsVersion: () => profile?.version ?? "",
    async knowSettings() {
      await settings();
    },
    refreshSettings,
    live,
    onDispatched(_promptId, { adopts }) {
      hurried = true;
      if (due !== undefined && Date.now() > due.dueMs - CLOCKS_APART_MS) {
        due = undefined;
      }
      if (adopts !== undefined && profile !== undefined) {
        profile = { ...profile, workspace: adopts };
      }
    },
    onTurn(running) {
      turnUnderWay = running;
      hurried &&= running !== undefined;
      if (running !== undefined && lookAgain) {
        followWishes();
      }
    },
    pause,
    onFirstSign() {
      hurried = false;
    },
    onAnswered(session, error) {
      errorsInARow = error === undefined ? 0 : errorsInARow + 1;
      if (error === undefined) {
        health.note(session.agent, { at: "good" });
      } else if (errorsInARow >= MOST_ERRORS_IN_A_ROW) {
        recycle(`its agent answered ${errorsInARow} turns in a row with an error`);
      }
    },
    async onAgentFailed(error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (plan !== undefined && slot.current() === undefined) {
        health.note(plan.agent.name, { at: "failed", reason });
      }
      return await restsAfter(error);
    },
    onLimited(session, limit) {
      const untilMs = limit.resetsAtMs ?? Date.now() + UNTOLD_LIMIT_MS;
      health.note(session.agent, { at: "limited", untilMs, reason: limit.message });
      const others = (profile?.agents ?? []).filter(
        (agent) => health.limitedUntil(agent) === undefined && health.healthOf(agent) !== "dead",
      );
      return { untilMs, move: profile?.onLimit === "move" && others.length > 0 };
    },
  };

  /** Counts a failure of the agent, and tells whether the channel rests now. */
  async function restsAfter(error: unknown): Promise<boolean> {
    if (error instanceof Error && counted.has(error)) {
      return counted.get(error) === true;
    }
    const reason = error instanceof Error ? error.message : String(error);
    const stderr = error instanceof Error && "stderr" in error ? String(error.stderr) : "";
    const restsUntil = await owned.noteFailure({
      detail: `${reason}${stderr === "" ? "" : `\n${stderr.slice(-1000)}`}`,
      ...RESTART_INTENSITY,
    });
    if (restsUntil !== undefined) {
      log.warn({ channel: owned.channel, reason, restsUntil }, "the channel is degraded");
    }
    if (error instanceof Error) {
      counted.set(error, restsUntil !== undefined);
    }
    return restsUntil !== undefined;
  }

  function openDesk({ promptId, session, own, carry, toldBefore }: DeskInput): TurnDesk {
    const { permissions } = profile ?? profileOf(config, undefined);
    return createTurnDesk({
      owned,
      promptId,
      agent: session.agent,
      permissions: own === undefined ? permissions : { ...permissions, policy: own },
      directory: plan?.cwd,
      carry,
      live: (at) => live(at, session, promptId),
      toldBefore,
      onAsked() {
        hurried = false;
        if (draining) {
          handOver();
        }
      },
      onFailed: (error) =>
        log.warn({ channel: owned.channel, err: error }, "what the agent asks was rejected"),
    });
  }

  async function settings(): Promise<ChannelProfile> {
    if (profile === undefined) {
      const record = await owned.readChannel();
      profile = profileOf(config, record);
      conversation.load(record);
    }
    return profile;
  }

  /** A session that the new settings do not fit is closed; the next prompt opens another one. */
  async function refreshSettings(): Promise<void> {
    profile = profileOf(config, await owned.readChannel());
    const session = slot.current();
    if (session === undefined || plan === undefined) {
      return;
    }
    const [preferred = plan.agent.name] = profile.agents.includes(plan.agent.name)
      ? [plan.agent.name]
      : health.rank(profile.agents);
    const next = planSession(config, owned.channel, profile, preferred);
    if (typeof next === "string" || processKey(next) !== processKey(plan)) {
      await slot.discard();
      return;
    }
    try {
      await session.configure(next.preferences);
      plan = next;
    } catch (error) {
      log.info({ channel: owned.channel, err: error }, "the session did not take its new settings");
      // Opened again, it tells whoever asks next what is wrong with them.
      await slot.discard();
    }
  }

  async function openConversation(): Promise<AgentSession> {
    hurried = true;
    try {
      const opened = await openChannelSession({
        config,
        channel: owned.channel,
        profile: await settings(),
        conversation,
        health,
        standby: options.standby,
        // What is killed because we end is not started again.
        mayStartAgain: async (error) =>
          !abandoned && options.trusted() && !(await restsAfter(error)) && !abandoned,
        ...(options.agentOwner === undefined ? {} : { agentOwner: options.agentOwner }),
      });
      plan = opened.plan;
      errorsInARow = 0;
      return opened.session;
    } finally {
      hurried = false;
    }
  }

  function live(at: LiveSession["state"], session?: AgentSession, promptId?: string): LiveSession {
    return {
      state: at,
      fence: Number(owned.fence),
      agent: session?.agent ?? profile?.agents[0] ?? config.defaultAgent,
      ...(session === undefined ? {} : { pid: session.pid, sessionId: session.sessionId }),
      ...(promptId === undefined ? { idleSince: Date.now() } : { promptId }),
    };
  }

  function setState(next: OwnerState): void {
    if (state.at === "idle") {
      clearTimeout(state.keepAlive);
    }
    state = next;
    if (next.at === "idle" || next.at === "closing") {
      options.onRoom();
    }
  }

  function wake(promptId?: string): void {
    if (state.at === "idle") {
      const idleMs = Date.now() - state.since;
      setState({ at: "working" });
      work =
        idleMs > TRUSTED_IDLE_MS && slot.current()?.responsive() === false
          ? reopen()
          : run(promptId);
    } else if (state.at === "working") {
      lookAgain = true;
      endPause();
      followWishes();
      turnUnderWay?.desk.look();
    }
  }

  async function pause(ms: number): Promise<boolean> {
    if (!draining && !abandoned) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, Math.max(ms, SHORTEST_PAUSE_MS));
        endPause = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    return !draining;
  }

  /** Wishes about the turn that runs cannot wait until it is over. */
  function followWishes(): void {
    const running = turnUnderWay;
    if (running === undefined) {
      return;
    }
    owned
      .readIntents()
      .then(({ cancel, steer }) => {
        if (cancel === running.promptId) {
          running.abort.abort();
        } else if (steer !== undefined) {
          running.steering.follow(steer);
        }
      })
      .catch((error: unknown) => log.debug({ err: error }, "could not look for wishes"));
  }

  /** Somebody stopped the idle agent: it would be silent until the turn's deadline. */
  async function reopen(): Promise<void> {
    log.warn({ channel: owned.channel }, "the agent's process does not run; it is replaced");
    await slot.kill().catch(() => undefined);
    await run();
  }

  /** Never rejects: what goes wrong ends in a released or an abandoned channel. */
  async function run(expected?: string): Promise<void> {
    try {
      for (let promptId = expected; ; promptId = undefined) {
        lookAgain = false;
        const next = await workUntilIdle(promptId);
        if (next !== "rest" || draining) {
          await closeAndRelease(next === "forget");
          return;
        }
        if (!lookAgain) {
          await rest();
          return;
        }
      }
    } catch (error) {
      if (error instanceof LeaseLostError) {
        // Where we gave it up ourselves, that is no news.
        log[abandoned ? "debug" : "warn"](
          { channel: owned.channel, fence: owned.fence },
          "lease lost",
        );
      } else {
        log.error({ channel: owned.channel, err: error }, "channel owner failed");
      }
      await abandon();
    }
  }

  async function workUntilIdle(expected: string | undefined): Promise<Rest> {
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
        case "intents": {
          const next = await follow(idle.intents);
          if (next !== "go on") {
            return next;
          }
          break;
        }
        case "idle":
          return slot.current() === undefined ? "close" : "rest";
      }
    }
  }

  async function runJob(fetched: FetchedTurn): Promise<FetchedTurn | undefined> {
    const end = await runTurn(turn, fetched);
    if (recycling) {
      recycling = false;
      await slot.discard();
    }
    if (end.at === "held") {
      await owned.putBack();
      return undefined;
    }
    if (end.at === "yields") {
      await owned.putBack();
      await owned.giveWay();
      return undefined;
    }
    const { state: final, summary, rests = false } = end;
    const goesOn = !draining && !rests;
    const next = await owned.finish({ id: fetched.promptId, state: final, summary }, goesOn);
    if (slot.current() === undefined) {
      // A session that cannot go on must be gone to its last process before the next one opens.
      await slot.discard();
    }
    return next === undefined ? undefined : { promptId: next };
  }

  async function follow(intents: Readonly<Record<string, string>>): Promise<"go on" | Rest> {
    let next: "go on" | Rest = "go on";
    for (const [name, value] of Object.entries(intents)) {
      switch (name) {
        case "warm":
          await followWarm(parseWarmWish(value));
          break;
        case "cool":
          next = next === "forget" ? next : "close";
          break;
        case "settings":
          await refreshSettings();
          break;
        case "reset":
          await slot.discard();
          await owned.reset();
          profile = undefined;
          await settings();
          break;
        case "forget":
          next = "forget";
          break;
        default:
        // A wish about a turn that came when it was over already.
      }
      await owned.clearIntent(name, value);
    }
    return next;
  }

  async function followWarm(wish: WarmWish | undefined): Promise<void> {
    if (wish !== undefined && wish.keptUntilMs < Date.now()) {
      return; // Nobody was there to follow it in time.
    }
    if (wish !== undefined && wish.keptUntilMs > (due?.keptUntilMs ?? 0)) {
      due = wish;
    }
    if (slot.current() === undefined) {
      await prewarm(wish);
    } else if (wish !== undefined) {
      await owned.noteWarm({ due: wish.due });
    }
  }

  async function prewarm(wish: WarmWish | undefined): Promise<void> {
    await settings();
    await owned.showLive(live("warming"));
    try {
      const { session, openMs } = await slot.open();
      conversation.openedAhead(session);
      await owned.showLive(live("warm", session));
      await owned.noteWarm({
        ...(wish === undefined ? {} : { due: wish.due }),
        opened: { agent: session.agent, openMs },
      });
    } catch (error) {
      if (error instanceof LeaseLostError) {
        throw error;
      }
      if (wish !== undefined) {
        const failure = error instanceof Error ? error.message : String(error);
        await owned.noteWarm({ due: wish.due, failure: failure.slice(0, FAILURE_CHARS) });
        options.onAheadFailed(wish);
      }
      log.warn({ channel: owned.channel, err: error }, "the session could not be opened ahead");
      if (!(error instanceof AgentSettingsError)) {
        await turn.onAgentFailed(error);
      }
    }
  }

  async function rest(): Promise<void> {
    const { keepAliveMs } = await settings();
    const idleMs = Math.max(keepAliveMs, (due?.keptUntilMs ?? 0) - Date.now());
    const keepAlive = setTimeout(() => evict(), Math.min(idleMs, LONGEST_TIMER_MS));
    setState({ at: "idle", since: Date.now(), keepAlive });
    if (draining) {
      evict(); // It was told so while it came to rest.
    } else if (lookAgain) {
      wake();
    }
  }

  async function closeAndRelease(forget = false): Promise<void> {
    setState({ at: "closing" });
    const session = slot.current();
    if (session !== undefined) {
      await owned.showLive(live("closing", session));
    }
    await slot.discard();
    const sessions = conversation.unsaved();
    await owned.release({ ...(sessions === undefined ? {} : { sessions }), forget });
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

  function recycle(reason: string): void {
    log.info({ channel: owned.channel, reason }, "the session is closed and will be resumed");
    if (state.at === "idle") {
      evict();
    } else if (state.at === "working" && slot.current() !== undefined) {
      recycling = true;
    }
  }

  async function abandon(): Promise<void> {
    abandoned = true;
    endPause();
    setState({ at: "closing" });
    await slot.kill();
    setState({ at: "gone" });
    options.onGone();
  }

  /** A person may take longer than a drain: the turn goes on with the next owner, as after a crash. */
  function handOver(): void {
    if (abandoned) {
      return;
    }
    abandoned = true;
    log.info({ channel: owned.channel }, "the turn waits for a person; it is handed over");
    const before = work;
    const handsOver = turnUnderWay?.promptId;
    work = (async () => {
      await slot.kill();
      await before;
      const sessions = conversation.unsaved();
      await owned.release({
        ...(sessions === undefined ? {} : { sessions }),
        ...(handsOver === undefined ? {} : { handsOver }),
      });
    })().catch((error: unknown) =>
      log.warn({ channel: owned.channel, err: error }, "the turn could not be handed over"),
    );
  }

  return {
    channel: owned.channel,
    fence: owned.fence,
    wake,
    idleSince: () => (state.at === "idle" ? state.since : undefined),
    get priority() {
      return profile?.priority ?? 0;
    },
    get isClosing() {
      return state.at === "closing";
    },
    get isDue() {
      return Date.now() < (due?.keptUntilMs ?? 0);
    },
    get hurried() {
      return hurried;
    },
    evict,
    recycle,
    answered() {
      turnUnderWay?.desk.look();
    },
    async drain() {
      draining = true;
      endPause();
      evict();
      if ((turnUnderWay?.desk.open ?? 0) > 0) {
        handOver();
      }
      // It may be handed over in the meantime.
      for (let last: Promise<void> | undefined; last !== work; ) {
        last = work;
        await last;
      }
    },
    abandon,
    session: () => slot.current(),
  };
}
