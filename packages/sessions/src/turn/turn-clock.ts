/** Why a turn has to be cut off. */
export type Overdue = "silence_timeout" | "turn_timeout";

/** Watches a turn's two deadlines. */
export interface TurnClock {
  /** Resolves when a deadline has passed. */
  readonly overdue: Promise<Overdue>;
  /** Something came from the agent. */
  heard(): void;
  /** While people or policies decide, neither the silence nor the time is the agent's. */
  setWaiting(waiting: boolean): void;
  stop(): void;
}

export interface TurnClockOptions {
  readonly silenceMs: number;
  readonly turnMs: number;
}

export function startTurnClock({ silenceMs, turnMs }: TurnClockOptions): TurnClock {
  let heardAtMs = performance.now();
  let waiting = false;
  let timer: NodeJS.Timeout | undefined;
  let report: (overdue: Overdue) => void;
  const overdue = new Promise<Overdue>((resolve) => {
    report = resolve;
  });
  let turnLeftMs = turnMs;
  let countedFromMs = heardAtMs;
  let turnTimer = startTurnTimer();

  function startTurnTimer(): NodeJS.Timeout {
    return setTimeout(() => report("turn_timeout"), turnLeftMs);
  }

  // Set anew only when it fires: an update costs a timestamp, not a timer.
  function watch(): void {
    const leftMs = heardAtMs + silenceMs - performance.now();
    if (leftMs <= 0 && !waiting) {
      report("silence_timeout");
      return;
    }
    timer = setTimeout(watch, waiting ? silenceMs : leftMs);
  }
  watch();

  return {
    overdue,
    heard: () => {
      heardAtMs = performance.now();
    },
    setWaiting: (now) => {
      heardAtMs = performance.now();
      if (now && !waiting) {
        clearTimeout(turnTimer);
        turnLeftMs = Math.max(0, turnLeftMs - (heardAtMs - countedFromMs));
      } else if (!now && waiting) {
        countedFromMs = heardAtMs;
        turnTimer = startTurnTimer();
      }
      waiting = now;
    },
    stop: () => {
      clearTimeout(timer);
      clearTimeout(turnTimer);
    },
  };
}
