import { randomUUID } from "node:crypto";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { AgentConfig, PilotlightConfig, StandbyFigures } from "@pilotlight/contracts";
import type { Logger } from "@pilotlight/lifecycle";
import {
  type AgentSession,
  AgentSettingsError,
  openSession,
  type SessionPreferences,
} from "@pilotlight/sessions";
import type { AgentHealth } from "../agent-health/agent-health.ts";
import { failureReason } from "../agent-health/failure-reason.ts";
import { type ChannelPlace, namedPlace } from "../channel-places.ts";

export interface StandbyPoolOptions {
  readonly config: PilotlightConfig;
  readonly worker: string;
  readonly agentOwner?: string;
  readonly health: AgentHealth;
  readonly log: Logger;
  /** Places of the worker that channels have taken. */
  occupied(): number;
  /** Somebody waits for a session to open, or for a turn's first word: nothing is started beside that. */
  busy(): boolean;
  /** The figures are others. */
  onChange(): void;
}

/** A session with its workspace and its agent's configuration directory: one thing, adopted as a whole. */
export interface StandbySession {
  readonly session: AgentSession;
  readonly name: string;
  readonly place: ChannelPlace;
}

/**
 * Sessions of a worker that are open ahead of the channels that will need them. Each is adopted once, by a channel without
 * a place of its own, and never comes back. They take only places that no channel needs.
 */
export interface StandbyPool {
  /** Processes trees that the pool holds, those that are being opened included. */
  readonly size: number;
  /** Undefined where none is ready. @throws AgentSettingsError where the agent refuses the preferences */
  adopt(agent: string, preferences: SessionPreferences): Promise<StandbySession | undefined>;
  /** Before a session is opened: closes what would make it one too many. */
  makeRoom(): Promise<void>;
  /** Starts the opening of one that is missing, where nobody is disturbed by it. */
  refill(): void;
  sessions(): readonly AgentSession[];
  figures(): StandbyFigures;
  /** Closes all of them and removes their workspaces. */
  stop(): Promise<void>;
}

/** In the root of a place that no channel has: the worker that made it. */
export const STANDBY_MARK = ".standby";

const FIRST_RETRY_MS = 30_000;
const LONGEST_RETRY_MS = 600_000;

export function createStandbyPool(options: StandbyPoolOptions): StandbyPool {
  const { config, health, log } = options;
  const wanted = Object.values(config.agents).filter(({ standby = 0 }) => standby > 0);
  let ready: StandbySession[] = [];
  /** One at a time. */
  let opening: { readonly agent: string; readonly done: Promise<void> } | undefined;
  const closing = new Set<Promise<void>>();
  let stopped = false;
  let adopted = 0;
  let missed = 0;
  let rejectedRequests = 0;
  let retryAtMs = 0;
  let failuresInARow = 0;

  const sizeNow = () => ready.length + (opening === undefined ? 0 : 1) + closing.size;
  const isFull = () => options.occupied() + sizeNow() >= config.workers.maxSessions;

  function missing(): AgentConfig | undefined {
    return wanted.find(
      ({ name, standby = 0 }) =>
        ready.filter(({ session }) => session.agent === name).length < standby &&
        health.limitedUntil(name) === undefined,
    );
  }

  async function open(agent: AgentConfig): Promise<void> {
    const name = randomUUID();
    const place = namedPlace(config.dataDir, name, agent.name);
    try {
      mkdirSync(place.root, { recursive: true, mode: 0o700 });
      writeFileSync(join(place.root, STANDBY_MARK), options.worker, { mode: 0o600 });
      const session = await openSession({
        agent,
        cwd: place.workspace,
        configDir: place.configDir,
        ...(config.workers.containment === "auto"
          ? {}
          : { containment: config.workers.containment }),
        deadlines: config.deadlines,
        ...(options.agentOwner === undefined ? {} : { owner: options.agentOwner }),
      });
      const standby = { session, name, place };
      ready.push(standby);
      options.onChange();
      failuresInARow = 0;
      health.note(agent.name, { at: "good" });
      void session.ended.then(() => forget(standby));
    } catch (error) {
      failuresInARow += 1;
      retryAtMs =
        performance.now() + Math.min(FIRST_RETRY_MS * 2 ** (failuresInARow - 1), LONGEST_RETRY_MS);
      health.note(agent.name, { at: "failed", reason: failureReason(error) });
      log.warn({ agent: agent.name, err: error }, "no session could be opened ahead");
      rmSync(place.root, { recursive: true, force: true });
    }
  }

  /** It ended by itself: nobody has it. */
  function forget(standby: StandbySession): void {
    if (ready.includes(standby)) {
      ready = ready.filter((one) => one !== standby);
      options.onChange();
      rmSync(standby.place.root, { recursive: true, force: true });
    }
  }

  function close(standby: StandbySession): Promise<void> {
    ready = ready.filter((one) => one !== standby);
    options.onChange();
    const closed = standby.session
      .close()
      .then(() => rmSync(standby.place.root, { recursive: true, force: true }))
      .catch((error: unknown) => log.warn({ err: error }, "a standby session did not end"))
      .finally(() => closing.delete(closed));
    closing.add(closed);
    return closed;
  }

  async function adopt(
    agent: string,
    preferences: SessionPreferences,
  ): Promise<StandbySession | undefined> {
    if (!wanted.some(({ name }) => name === agent)) {
      return undefined;
    }
    const found = ready.find(
      ({ session }) => session.agent === agent && session.usable && session.responsive(),
    );
    if (found === undefined) {
      missed += 1;
      return undefined;
    }
    ready = ready.filter((one) => one !== found);
    rejectedRequests += found.session.unheardRequests;
    try {
      await found.session.configure(preferences);
    } catch (error) {
      await close(found);
      if (error instanceof AgentSettingsError) {
        throw error;
      }
      missed += 1;
      return undefined;
    }
    // Before anybody stores that the channel has it: what carries a mark is removed when we are gone.
    rmSync(join(found.place.root, STANDBY_MARK));
    adopted += 1;
    options.onChange();
    return found;
  }

  return {
    get size() {
      return sizeNow();
    },

    adopt,

    async makeRoom() {
      while (options.occupied() + sizeNow() > config.workers.maxSessions) {
        const [first] = ready;
        if (first !== undefined) {
          await close(first);
        } else if (opening !== undefined) {
          await opening.done;
        } else if (closing.size > 0) {
          await Promise.all(closing);
        } else {
          return;
        }
      }
    },

    refill() {
      if (stopped || opening !== undefined || isFull() || options.busy()) {
        return;
      }
      const agent = missing();
      if (agent === undefined || performance.now() < retryAtMs) {
        return;
      }
      const done = open(agent).finally(() => {
        opening = undefined;
      });
      opening = { agent: agent.name, done };
    },

    sessions: () => ready.map(({ session }) => session),

    figures: () => ({ ready: ready.length, adopted, missed, rejectedRequests }),

    async stop() {
      stopped = true;
      await opening?.done;
      await Promise.all([...ready.map(close), ...closing]);
    },
  };
}
