/**
 * An exhaustive explorer of the ownership protocol, in whole units of time. Worker 0 owns the channel at the start,
 * worker 1 may claim it. A worker *acts* while it believes in its lease, and its agents act up to one unit longer
 * (the warden's kill). Messages to Redis and back take any time. Every order of events within the horizon is visited.
 */
export type Variant =
  | "as built"
  /** Acts until a renewal is refused: no window of its own. */
  | "plain ttl"
  | "window counted from the reply"
  | "no margin"
  /** A renewal creates the key again when it is gone. */
  | "key re-created"
  /** Redis may lose lease and keys (a failover), and nobody waits. */
  | "forgets without waiting"
  /** Trust is renewed over a new connection, to a Redis that lost the claim, without looking whether it did. */
  | "leases not re-read";

const TTL = 4;
const KILL = 1;
const HORIZON = 9;

/** A renewal on its way: sent at a time, then executed with an answer, then delivered. */
type Message = {
  readonly sentAt: number;
  readonly answer?: "ok" | "gone" | "not yours";
} | null;

interface WorkerState {
  readonly owns: boolean;
  readonly trustedUntil: number;
  readonly message: Message;
}

interface State {
  readonly now: number;
  /** When each worker's key expires; 0 is gone. */
  readonly expires: readonly [number, number];
  /** Who Redis says owns the channel. */
  readonly owner: 0 | 1 | null;
  /** No claim before this time: the wait after a changed run id. */
  readonly claimsFrom: number;
  readonly forgot: boolean;
  readonly workers: readonly [WorkerState, WorkerState];
}

export interface Exploration {
  readonly states: number;
  /** The events up to the first overlap that was found. */
  readonly overlap?: readonly string[];
}

export function exploreLeaseProtocol(variant: Variant): Exploration {
  const margin = variant === "no margin" ? 0 : KILL;
  const start: State = {
    now: 0,
    expires: [TTL, TTL],
    owner: 0,
    claimsFrom: 0,
    forgot: false,
    workers: [
      { owns: true, trustedUntil: TTL - margin, message: null },
      { owns: false, trustedUntil: TTL - margin, message: null },
    ],
  };
  const queue: { state: State; path: readonly string[] }[] = [{ state: start, path: [] }];
  const seen = new Set([keyOf(start)]);
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    if (next.state.workers.every((_, w) => acts(next.state, w as 0 | 1))) {
      return { states: seen.size, overlap: next.path };
    }
    for (const [event, state] of successors(next.state)) {
      const key = keyOf(state);
      if (!seen.has(key)) {
        seen.add(key);
        queue.push({ state, path: [...next.path, event] });
      }
    }
  }
  return { states: seen.size };

  function acts(state: State, w: 0 | 1): boolean {
    const worker = state.workers[w];
    return worker.owns && (variant === "plain ttl" || state.now < worker.trustedUntil + KILL);
  }

  function successors(state: State): [string, State][] {
    const steps: [string, State][] = [];
    if (state.now < HORIZON) {
      const now = state.now + 1;
      const expires = state.expires.map((at) => (at <= now ? 0 : at)) as [number, number];
      steps.push([`time ${now}`, { ...state, now, expires }]);
    }
    for (const w of [0, 1] as const) {
      steps.push(...renewalSteps(state, w));
    }
    const isFree = state.owner === null || (state.owner === 0 && state.expires[0] === 0);
    if (isFree && state.expires[1] > 0) {
      const waited = variant === "forgets without waiting" || state.now >= state.claimsFrom;
      // Only a worker that trusts itself claims.
      if (waited && state.now < state.workers[1].trustedUntil) {
        steps.push(["1 claims", put({ ...state, owner: 1 }, 1, { owns: true })]);
      }
    }
    if (!state.forgot) {
      // A failover that lost writes: keys and lease are gone, the run id has changed. Worker 1 registers anew.
      const now = state.now;
      steps.push([
        "Redis forgets",
        { ...state, forgot: true, owner: null, expires: [0, now + TTL], claimsFrom: now + TTL },
      ]);
      // One that lost the claim only. What was under way is lost with the connections.
      const [a, b] = state.workers.map((worker) =>
        worker.message?.answer === undefined ? { ...worker, message: null } : worker,
      ) as [WorkerState, WorkerState];
      steps.push([
        "Redis forgets the claim",
        { ...state, forgot: true, owner: null, claimsFrom: now + TTL, workers: [a, b] },
      ]);
    }
    return steps;
  }

  function renewalSteps(state: State, w: 0 | 1): [string, State][] {
    const worker = state.workers[w];
    const { message } = worker;
    if (message === null) {
      return worker.trustedUntil > state.now || variant === "plain ttl"
        ? [[`${w} sends`, put(state, w, { message: { sentAt: state.now } })]]
        : [];
    }
    if (message.answer === undefined) {
      const alive = state.expires[w] > 0 || variant === "key re-created";
      const expires = [...state.expires] as [number, number];
      if (alive) {
        expires[w] = state.now + TTL;
      }
      // Looked at on a new connection only, before the renewal.
      const isOthers =
        state.forgot && worker.owns && state.owner !== w && variant !== "leases not re-read";
      const answer = !alive ? "gone" : isOthers ? "not yours" : "ok";
      return [
        [
          `Redis answers ${w} ${answer}`,
          put({ ...state, expires }, w, { message: { ...message, answer } }),
        ],
      ];
    }
    if (message.answer === "gone") {
      return [[`${w} hears gone`, put(state, w, { message: null, owns: false, trustedUntil: 0 })]];
    }
    if (message.answer === "not yours") {
      // What ran under the lease has ended before trust is renewed.
      return [[`${w} gives up its claim`, put(state, w, { message: null, owns: false })]];
    }
    const from = variant === "window counted from the reply" ? state.now : message.sentAt;
    // Trust that has run out does not come back: the incarnation has ended.
    const lost = state.now >= worker.trustedUntil && variant !== "key re-created";
    const trustedUntil = lost
      ? worker.trustedUntil
      : Math.max(worker.trustedUntil, from + TTL - margin);
    return [[`${w} hears ok`, put(state, w, { message: null, trustedUntil })]];
  }
}

/** Short, because millions are kept. */
function keyOf({ now, expires, owner, claimsFrom, forgot, workers }: State): string {
  const [a, b] = workers.map(
    ({ owns, trustedUntil, message }) =>
      `${owns ? "o" : ""}${trustedUntil}${message === null ? "" : `m${message.sentAt}${message.answer ?? ""}`}`,
  );
  return `${now},${expires[0]},${expires[1]},${owner},${claimsFrom},${forgot ? 1 : 0},${a},${b}`;
}

function put(state: State, w: 0 | 1, change: Partial<WorkerState>): State {
  const workers = [...state.workers] as [WorkerState, WorkerState];
  workers[w] = { ...workers[w], ...change };
  return { ...state, workers };
}
