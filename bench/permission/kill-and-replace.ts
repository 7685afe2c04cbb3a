import { type BareSession, openBareSession } from "../arms/acp-session.ts";
import { ASKING_AGENT } from "../arms/bench-agents.ts";

/** How long the agent takes to start. */
export const START_MS = 3000;

/**
 * What is done where a process cannot wait for a person: it is ended when its agent asks, and with the answer another one
 * resumes the session and is told. Gives the time from the question to the resumed agent's first word, ms.
 */
export async function killAndReplace(): Promise<number> {
  const agent = [...ASKING_AGENT, String(START_MS)];
  const asked = Promise.withResolvers<void>();
  const first = await openBareSession(agent, {
    onPermission: () => {
      asked.resolve();
      return new Promise<string>(() => undefined);
    },
  });
  let second: BareSession | undefined;
  try {
    void first.prompt("do it", () => undefined).catch(() => undefined);
    await asked.promise;
    const startedAtMs = performance.now();
    await first.kill();
    second = await openBareSession(agent, { resume: first.sessionId });
    const word = Promise.withResolvers<number>();
    await second.prompt("approved: do it", () => word.resolve(performance.now() - startedAtMs));
    return await word.promise;
  } finally {
    await second?.close();
  }
}
