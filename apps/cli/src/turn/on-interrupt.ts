/**
 * Calls back at the first Ctrl-C. A terminal sends it to the whole group, so it may come twice at once; what comes
 * later ends the process as usual.
 */
export function onInterrupt(callback: () => void): void {
  let firstAtMs: number | undefined;
  process.on("SIGINT", () => {
    if (firstAtMs === undefined) {
      firstAtMs = performance.now();
      callback();
    } else if (performance.now() - firstAtMs > 1000) {
      process.exit(130);
    }
  });
}
