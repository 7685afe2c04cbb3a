/** `850 ms`, `12 s`, `3 min`, `2 h`: one unit is enough for an age. */
export function formatDuration(ms: number): string {
  if (ms < 1000) {
    return `${Math.round(ms)} ms`;
  }
  const secs = ms / 1000;
  if (secs < 120) {
    return `${Math.round(secs)} s`;
  }
  return secs < 7200 ? `${Math.round(secs / 60)} min` : `${Math.round(secs / 3600)} h`;
}
