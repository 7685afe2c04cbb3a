// Preloaded with --expose-gc: lets the benchmark ask for a full collection from outside.
process.on("SIGUSR2", () => {
  for (let i = 0; i < 3; i += 1) {
    globalThis.gc?.();
  }
});
