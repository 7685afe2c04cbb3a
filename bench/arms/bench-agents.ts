const path = (file: string) => new URL(`../agents/${file}`, import.meta.url).pathname;

/** Built on the official SDK; answers at once. The same command in every arm. */
export const ECHO_AGENT: readonly string[] = [process.execPath, path("echo-agent.ts")];

/** Answers with the moment at which a prompt reached it. */
export const CLOCK_AGENT: readonly string[] = [process.execPath, path("clock-agent.ts")];

/** Asks for leave in every turn, and tells how long the answer took. */
export const ASKING_AGENT: readonly string[] = [process.execPath, path("asking-agent.ts")];

/** A shell script, for thousands of sessions. */
export const TINY_AGENT: readonly string[] = ["/bin/sh", path("tiny-agent.sh")];

/** A shell script that can be resumed. */
export const RESUMING_AGENT: readonly string[] = ["/bin/sh", path("resuming-agent.sh")];

/** The product's own demo agent: streams words at a pace that the prompt names, and can be resumed. */
export const DEMO_AGENT: readonly string[] = [
  process.execPath,
  new URL("../../packages/demo-agent/src/main.ts", import.meta.url).pathname,
];
