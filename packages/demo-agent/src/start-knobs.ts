type Env = Readonly<Record<string, string | undefined>>;

/** Kept reachable for the life of the process, so that the memory stays resident. */
const ballast: Buffer[] = [];

/** The knobs that act before the protocol starts; README.md lists them. */
export function applyStartKnobs(env: Env): void {
  if (env.DEMO_STDERR !== undefined) {
    process.stderr.write(`${env.DEMO_STDERR}\n`);
  }
  if (env.DEMO_EXIT_AT_START !== undefined) {
    process.stderr.write("demo-agent: told by DEMO_EXIT_AT_START not to start\n");
    process.exit(Number(env.DEMO_EXIT_AT_START) || 0);
  }
  if (env.DEMO_IGNORE_TERM === "1") {
    process.on("SIGTERM", ignore);
    process.on("SIGHUP", ignore);
  }
  if (env.DEMO_STDOUT_NOISE === "1") {
    process.stdout.write("demo-agent: this line is not JSON\n[not json either\n\n");
  }
  const ballastMb = Number(env.DEMO_BALLAST_MB ?? 0);
  if (ballastMb > 0) {
    ballast.push(Buffer.alloc(ballastMb * 1_048_576, 1));
  }
}

function ignore(): void {
  // The signal is taken and nothing follows: what an agent that hangs in its shutdown looks like.
}
