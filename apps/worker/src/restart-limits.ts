/** How often an agent may fail on a channel before the channel rests: as Erlang's restart intensity, but gentler. */
export const RESTART_INTENSITY = {
  most: 3,
  withinMs: 60_000,
  firstRestMs: 60_000,
  longestRestMs: 900_000,
} as const;

/** How long a usage limit is taken to last where the agent does not say. */
export const UNTOLD_LIMIT_MS = 300_000;

/** So many errors of the agent in a row, and its session is opened anew. */
export const MOST_ERRORS_IN_A_ROW = 3;
