/** A session that might be closed to make room. */
export interface RoomCandidate {
  /** Higher is kept longer. */
  readonly priority: number;
  /** Since when it has been idle (Unix ms); undefined: it is busy, and never closed. */
  readonly idleSince: number | undefined;
  /** A scheduled prompt is about to find it open: it goes last. */
  readonly isDue?: boolean;
}

/** Idle sessions in the order in which they are given up: those that are due last, the lowest priority first, then the longest idle. */
export function leastValuableFirst<T extends RoomCandidate>(sessions: readonly T[]): readonly T[] {
  return sessions
    .filter(({ idleSince }) => idleSince !== undefined)
    .sort(
      (a, b) =>
        Number(a.isDue ?? false) - Number(b.isDue ?? false) ||
        a.priority - b.priority ||
        (a.idleSince ?? 0) - (b.idleSince ?? 0),
    );
}

/** Those that have to go so that the rest stays within the budget, least valuable first; all idle ones at most. */
export function beyondBudget<T extends RoomCandidate & { readonly rssBytes: number }>(
  sessions: readonly T[],
  totalBytes: number,
  budgetBytes: number,
): readonly T[] {
  const gone: T[] = [];
  let leftBytes = totalBytes;
  for (const session of leastValuableFirst(sessions)) {
    if (leftBytes <= budgetBytes) {
      break;
    }
    leftBytes -= session.rssBytes;
    gone.push(session);
  }
  return gone;
}

/** What the sessions of a worker were seen to take. */
export interface MeasuredMemory {
  readonly sessionRssBytes: Readonly<Record<string, number>>;
  readonly standbyRssBytes?: number | undefined;
}

/**
 * Whether the budget has room for one more session as large as the largest one. Without a budget, or anything measured,
 * nobody knows: the number of places is the limit then.
 */
export function hasMemoryForOneMore(
  { sessionRssBytes, standbyRssBytes = 0 }: MeasuredMemory,
  budgetBytes: number | undefined,
): boolean {
  const sizes = Object.values(sessionRssBytes);
  const totalBytes = sizes.reduce((a, b) => a + b, standbyRssBytes);
  return (
    budgetBytes !== undefined && sizes.length > 0 && totalBytes + Math.max(...sizes) <= budgetBytes
  );
}
