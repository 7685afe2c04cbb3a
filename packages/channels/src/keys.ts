import { HASH_TAG } from "@pilotlight/redis";

/** Every key shares one hash tag, so that transactions and scripts also work on a Redis Cluster. */
export const KEY_PREFIX = `${HASH_TAG}:`;

/** The prefix that BullMQ gets: `{pl}:q:<queue name>:wait` and so on. */
export const QUEUE_PREFIX = `${KEY_PREFIX}q`;

/**
 * All keys, by what they hold. `scripts/shared/keys.lua` names the same ones for Lua.
 *
 * Kept for a cold channel: `channel` and its entry in `channels` only. Everything else is dropped at release or expires.
 */
export const keys = {
  /**
   * Hash: `e` last event id, `s1`, `s2`, ... its sessions (JSON, in pieces), `oi` interruption policy, `y` priority, `mo`
   * mode, `sf` steer fallback, `cs` `cm` how long and how many are collected, `cf` its other settings (JSON), `v` their
   * version, `ij` the prompt that is next ahead of all others, `b` why it is blocked (JSON), `x` failed starts (JSON),
   * `lo` letter of the state and id of the prompt that ended last, `w` name of an adopted workspace, `fg` number of the
   * last prompt of a conversation that was reset.
   */
  channel: (channel: string) => `${KEY_PREFIX}c:${channel}`,
  /** Hash: `o` owner, `f` fence, `n` last event batch. Exists while the channel is owned. */
  lease: (channel: string) => `${KEY_PREFIX}lease:${channel}`,
  /** Hash of wishes for the owner: `warm`, `cool`, `settings`, `reset`, `forget`, `cancel`, `steer`. */
  intent: (channel: string) => `${KEY_PREFIX}intent:${channel}`,
  /**
   * Hash: `w` wish that a session be open by a due time, `n` how often it was opened again. Expires at the due time.
   */
  ahead: (channel: string) => `${KEY_PREFIX}ahead:${channel}`,
  /** Stream: the channel's event log. Also the pub/sub channel of its live events. */
  events: (channel: string) => `${KEY_PREFIX}ev:${channel}`,
  /** Sorted set: the channel's prompt ids by acceptance. */
  channelPrompts: (channel: string) => `${KEY_PREFIX}cp:${channel}`,
  /** Set: ids of the channel's prompts that wait for their time. */
  later: (channel: string) => `${KEY_PREFIX}later:${channel}`,
  /** Sorted set: the channels that are known, by their last use (Unix ms). */
  channels: `${KEY_PREFIX}channels`,
  /** Sorted set: blocked channels that go on by themselves, by when (Unix ms). */
  parked: `${KEY_PREFIX}parked`,
  /**
   * Hash: `d` definition (JSON), `v` its version, `a` from where its interval counts, `n` next due time (both Unix ms),
   * `st` state, `pr` why it is paused, `r` runs, `f` failures in a row, `fl` how many pause it, `ca` `ua` when it was
   * made and changed; `wt` due time for which the session was opened ahead, `ws` how that went, `wr` when it was ready;
   * `ch` `cl` `cw` `cf` `cx` how often it was in time, late, for nothing, not possible, lost, `we` why the last time.
   */
  schedule: (id: string) => `${KEY_PREFIX}sch:${id}`,
  /** Hash: due time to what became of it (JSON). */
  scheduleRows: (id: string) => `${KEY_PREFIX}schrows:${id}`,
  /** Sorted set: the due times that have a row. */
  scheduleRowOrder: (id: string) => `${KEY_PREFIX}schorder:${id}`,
  /** Set: ids of the schedule's prompts that are not finished. */
  scheduledOpen: (id: string) => `${KEY_PREFIX}schopen:${id}`,
  /** Sorted set: ids of all schedules, by name. */
  schedules: `${KEY_PREFIX}schedules`,
  /** Sorted set: schedules by their next due time (Unix ms). */
  due: `${KEY_PREFIX}due`,
  /** Sorted set: schedules that are due in one second and open a session ahead, in the order of their coming. Expires. */
  dueTogether: (second: number) => `${KEY_PREFIX}together:${second}`,
  /** String: somebody was told lately that this schedule is overdue, or runs its precheck. */
  dueTold: (id: string) => `${KEY_PREFIX}duetold:${id}`,
  /** Sorted set: `<due ms> <schedule>` of what was begun to fire, by when (Unix ms). */
  firing: `${KEY_PREFIX}firing`,
  /** String: somebody has lately looked whether timers are missing. */
  timerSweep: `${KEY_PREFIX}timersweep`,
  /** List: how long the agent took to open, the last times (ms). */
  opening: (agent: string) => `${KEY_PREFIX}opening:${agent}`,
  /**
   * Hash: a prompt's callbacks that are not sent: `u` URL, `e` its endpoint, `c` channel, `h` `l` number of the first and
   * the last one, `t` failed tries of the first, `k` its claim; each by its number: the event (JSON).
   */
  callbacks: (promptId: string) => `${KEY_PREFIX}cb:${promptId}`,
  /** Sorted set: prompts with callbacks to an endpoint, by when the first of theirs is due (Unix ms). */
  callbackEndpoint: (endpoint: string) => `${KEY_PREFIX}cbe:${endpoint}`,
  /** Sorted set: endpoints, by when the first of their prompts is due (Unix ms). */
  callbacksDue: `${KEY_PREFIX}cbdue`,
  /** Sorted set: `<prompt> <number>` of all callbacks that are not sent, by when they were noted (Unix ms). */
  callbackOrder: `${KEY_PREFIX}cborder`,
  /** Hash: the record of one prompt. */
  prompt: (id: string) => `${KEY_PREFIX}p:${id}`,
  /** Sorted set: ids of the prompts in a state, by acceptance. */
  state: (state: string) => `${KEY_PREFIX}ix:${state}`,
  /** String with the TTL of the worker's leases: its life. Holds the run id of the Redis whose leases it knows. */
  worker: (worker: string) => `${KEY_PREFIX}worker:${worker}`,
  /** Hash: incarnation to its description. */
  workers: `${KEY_PREFIX}workers`,
  /** Set: the channels that a worker owns. */
  owned: (worker: string) => `${KEY_PREFIX}owned:${worker}`,
  /** Set: owned channels with something to do. */
  wake: (worker: string) => `${KEY_PREFIX}wake:${worker}`,
  /** Hash: channel to what its owner shows of the session; `LIVE_WORKER_FIELD` to its own figures. */
  live: (worker: string) => `${KEY_PREFIX}live:${worker}`,
  /** Sorted set: channels that need an owner, by priority and waiting time. */
  assign: `${KEY_PREFIX}assign`,
  /** Hash: `id` of the run of Redis under which claims are made, `from` when they begin (Unix ms), `sure`: see tick. */
  run: `${KEY_PREFIX}run`,
  /** Hash: agent to the wish that every worker probes it now (Unix ms); expires. */
  probes: `${KEY_PREFIX}probes`,
  /**
   * Hash: `st` state, `t` type, `c` channel, `p` prompt, `n` the attempt that asks, `h` fingerprint, `d` what is shown
   * (JSON), `al` what an "always" allows (JSON), `at` `x` `ca` when it was asked, expires, was closed (Unix ms), `an` the
   * answer that was given (JSON), `aj` the bare answer, `ap` fence under which the agent was told, `sb` id of the one that
   * was asked in its place. Expires a day after it is closed.
   */
  question: (id: string) => `${KEY_PREFIX}question:${id}`,
  /** Sorted set: questions that people can answer, by when they expire (Unix ms). */
  questions: `${KEY_PREFIX}questions`,
  /** Sorted set: all questions, by when they were asked (Unix ms). */
  asked: `${KEY_PREFIX}asked`,
  /** Set: questions of a turn that runs: those without an answer, and those whose answer its agent was not told. */
  questionsOf: (promptId: string) => `${KEY_PREFIX}questionsof:${promptId}`,
  /** Hash: id to what was allowed on the channel for longer than once (JSON); expires with the last of them. */
  grants: (channel: string) => `${KEY_PREFIX}grants:${channel}`,
  /** Hash: how often each thing was done that nobody hopes for. */
  counts: `${KEY_PREFIX}counts`,
  /** String: when replicas were last asked whether they have everything (Unix ms). */
  replicated: `${KEY_PREFIX}replicated`,
  /** Pub/sub: tells a sleeping worker to look; may be lost. */
  bell: (worker: string) => `${KEY_PREFIX}bell:${worker}`,
  callbacksBell: `${KEY_PREFIX}bell:callbacks`,
  assignBell: `${KEY_PREFIX}bell:assign`,
} as const;
