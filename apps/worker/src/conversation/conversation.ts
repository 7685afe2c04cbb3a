import type {
  ChannelRecord,
  ChannelSession,
  OwnedChannel,
  SessionEnding,
} from "@pilotlight/channels";
import type { SessionOpening } from "@pilotlight/contracts";
import type { AgentSession } from "@pilotlight/sessions";
import { RECAP_EXCHANGES, recapOf } from "./recap.ts";

/** What a dispatch in a session has to say and to store. */
export interface NextDispatch {
  /** What the agent knows of the conversation, as the record tells it. */
  readonly opened: SessionOpening;
  /** Told to the agent ahead of the prompt. */
  readonly background: readonly string[];
  /** The channel's sessions, where this dispatch makes them others. */
  readonly sessions?: readonly ChannelSession[];
  /** Name of the workspace that the channel adopts with it. */
  readonly adopts?: string;
}

export interface OpenedConversation {
  /** Names the session's store. */
  readonly store: string;
  /** Told ahead of the first prompt of a new session. */
  readonly instructions?: string;
  /** Name of the workspace, where the session was a standby one. */
  readonly adopts?: string;
}

/**
 * A channel's conversation over all its sessions: which of them may be resumed, and what a new one has to be told. An id
 * is stored with the first dispatch in its session, because none can be resumed that was never prompted, and before the
 * prompt is sent.
 */
export interface Conversation {
  /** What is stored of it: to be called before anything else, and after a reset. */
  load(record: ChannelRecord | undefined): void;
  /** Ids of earlier sessions that this agent and this store may know, newest first. */
  candidates(agent: string, store: string): readonly string[];
  /** A session was opened. What it does not know of the conversation, it gets told in a recap. */
  opened(session: AgentSession, how: OpenedConversation): Promise<void>;
  /** It was opened before a prompt came, which will find it warm. */
  openedAhead(session: AgentSession): void;
  next(session: AgentSession): NextDispatch;
  /** The journal took the dispatch: from now on the session is warm. */
  dispatched(session: AgentSession): void;
  ended(sessionId: string, how: SessionEnding): void;
  /** The channel's sessions, where they are others than those that are stored. */
  unsaved(): readonly ChannelSession[] | undefined;
}

/** Older ones than these are not tried: a person waits. */
const MOST_TRIED = 3;

interface Current extends OpenedConversation {
  readonly id: string;
  readonly opened: SessionOpening;
  readonly recap: string | undefined;
  /** Number of the last prompt that was finished before it. */
  readonly lastSeq: number | undefined;
}

export function createConversation(owned: OwnedChannel): Conversation {
  /** Nobody else writes them while we own the channel. */
  let known: readonly ChannelSession[] = [];
  let forgottenUntilSeq = 0;
  let changed = false;
  let current: Current | undefined;

  function note(id: string, what: Partial<ChannelSession>): void {
    if (known.some((session) => session.id === id)) {
      known = known.map((session) => (session.id === id ? { ...session, ...what } : session));
      changed = true;
    }
  }

  /** The session that the conversation goes on in comes first, and is open. */
  function withCurrent(agent: string, now: Current): readonly ChannelSession[] {
    const [newest] = known;
    if (newest?.id === now.id) {
      const { end: _end, knowsUntilSeq: _seq, ...open } = newest;
      return [open, ...known.slice(1)];
    }
    const others = known
      .filter(({ id }) => id !== now.id)
      .map((session, index) =>
        index === 0 && now.lastSeq !== undefined
          ? { ...session, knowsUntilSeq: session.knowsUntilSeq ?? now.lastSeq }
          : session,
      );
    return [{ id: now.id, agent, store: now.store }, ...others];
  }

  return {
    load(record) {
      known = record?.sessions ?? [];
      forgottenUntilSeq = record?.forgottenUntilSeq ?? 0;
      changed = false;
    },

    candidates(agent, store) {
      return known
        .filter((one) => one.agent === agent && one.store === store && one.end !== "unknown")
        .slice(0, MOST_TRIED)
        .map(({ id }) => id);
    },

    async opened(session, how) {
      const { sessionId } = session;
      for (const id of session.condemned) {
        note(id, { end: "unknown" });
      }
      const { instructions, ...opened } = how;
      const isFresh = session.opened === "fresh";
      const finished =
        !isFresh && known[0]?.id === sessionId ? [] : await owned.lastFinished(RECAP_EXCHANGES);
      const knowsUntilSeq = isFresh ? 0 : known.find(({ id }) => id === sessionId)?.knowsUntilSeq;
      const untold = finished.filter(
        ({ seq }) => seq > Math.max(forgottenUntilSeq, knowsUntilSeq ?? 0),
      );
      const recap = recapOf(untold);
      const asOpened = how.adopts === undefined ? session.opened : "standby";
      current = {
        ...opened,
        ...(isFresh && instructions !== undefined ? { instructions } : {}),
        id: sessionId,
        opened: recap === undefined ? asOpened : "recap",
        recap,
        lastSeq: finished[0]?.seq,
      };
    },

    openedAhead(session) {
      if (current?.id === session.sessionId && current.recap === undefined) {
        current = { ...current, opened: "warm" };
      }
    },

    next(session) {
      if (current?.id !== session.sessionId) {
        return { opened: "warm", background: [] };
      }
      const { opened, instructions, recap, adopts } = current;
      const isStored = known[0]?.id === current.id && known[0].end === undefined && !changed;
      return {
        opened,
        background: [instructions, recap].filter((part) => part !== undefined),
        ...(isStored ? {} : { sessions: withCurrent(session.agent, current) }),
        ...(adopts === undefined ? {} : { adopts }),
      };
    },

    dispatched(session) {
      if (current?.id === session.sessionId) {
        known = withCurrent(session.agent, current);
        changed = false;
        const { id, store } = current;
        current = { id, store, opened: "warm", recap: undefined, lastSeq: undefined };
      }
    },

    ended: (sessionId, end) => note(sessionId, { end }),

    unsaved: () => (changed ? known : undefined),
  };
}
