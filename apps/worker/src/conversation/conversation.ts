import type { ChannelSession, OwnedChannel } from "@pilotlight/channels";
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
}

/**
 * A channel's conversation over all its sessions: which of them may be resumed, and what a new one has to be told. An id
 * is stored with the first dispatch in its session, because none can be resumed that was never prompted, and before the
 * prompt is sent.
 */
export interface Conversation {
  /** Ids of earlier sessions that this agent and this store may know, newest first. */
  candidates(): Promise<readonly string[]>;
  /** A session was opened. Where it knows nothing of the conversation, a recap is made for it. */
  opened(session: AgentSession): Promise<void>;
  /** It was opened before a prompt came, which will find it warm. */
  openedAhead(session: AgentSession): void;
  next(session: AgentSession): NextDispatch;
  /** The journal took the dispatch: from now on the session is warm. */
  dispatched(session: AgentSession): void;
}

/** Older ones than these are not tried: a person waits. */
const MOST_TRIED = 3;

interface Current {
  readonly id: string;
  readonly opened: SessionOpening;
  readonly recap: string | undefined;
}

export function createConversation(
  owned: OwnedChannel,
  agent: string,
  storeId: () => string,
): Conversation {
  /** As stored, less what is known to be gone. Nobody else writes it while we own the channel. */
  let known: readonly ChannelSession[] | undefined;
  let forgotSome = false;
  let current: Current | undefined;

  async function remembered(): Promise<readonly ChannelSession[]> {
    known ??= (await owned.readChannel())?.sessions ?? [];
    return known;
  }

  function withCurrent(session: AgentSession): readonly ChannelSession[] | undefined {
    const others = (known ?? []).filter(({ id }) => id !== session.sessionId);
    const isNewest = known?.[0]?.id === session.sessionId;
    return isNewest && !forgotSome
      ? undefined
      : [{ id: session.sessionId, agent, store: storeId() }, ...others];
  }

  return {
    async candidates() {
      const store = storeId();
      return (await remembered())
        .filter((session) => session.agent === agent && session.store === store)
        .slice(0, MOST_TRIED)
        .map(({ id }) => id);
    },

    async opened(session) {
      const before = await remembered();
      known = before.filter(({ id }) => !session.condemned.includes(id));
      forgotSome ||= known.length < before.length;
      const recap =
        session.opened === "fresh" ? recapOf(await owned.lastFinished(RECAP_EXCHANGES)) : undefined;
      const opened = recap === undefined ? session.opened : "recap";
      current = { id: session.sessionId, opened, recap };
    },

    openedAhead(session) {
      if (current?.id === session.sessionId && current.recap === undefined) {
        current = { ...current, opened: "warm" };
      }
    },

    next(session) {
      const isCurrent = current?.id === session.sessionId;
      const sessions = withCurrent(session);
      return {
        opened: isCurrent && current !== undefined ? current.opened : "warm",
        background: isCurrent && current?.recap !== undefined ? [current.recap] : [],
        ...(sessions === undefined ? {} : { sessions }),
      };
    },

    dispatched(session) {
      known = withCurrent(session) ?? known ?? [];
      forgotSome = false;
      current = { id: session.sessionId, opened: "warm", recap: undefined };
    },
  };
}
