import { openBareSession } from "../arms/acp-session.ts";

/**
 * Holds ACP sessions as somebody would who has the SDK and nothing else: as many as asked for at the start, and as many
 * more at each SIGUSR1. SIGUSR2 collects garbage.
 */
const { agent, first, more } = JSON.parse(process.argv[2] ?? "{}") as {
  agent: readonly string[];
  first: number;
  more: number;
};
const held: Awaited<ReturnType<typeof openBareSession>>[] = [];

async function open(count: number): Promise<void> {
  for (let i = 0; i < count; i += 1) {
    const session = await openBareSession(agent, { quiet: true });
    await session.prompt("hello", () => undefined);
    held.push(session);
  }
  process.stdout.write(`${JSON.stringify({ held: held.length })}\n`);
}

process.on("SIGUSR1", () => void open(more));
process.on("SIGTERM", () => process.exit(0));
await open(first);
