import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { canContain } from "../src/index.ts";
import { readMarker, readProcesses } from "../src/tree/read-processes.ts";
import { isAlive, until } from "./processes.ts";

const STARTER = fileURLToPath(new URL("support/start-many.ts", import.meta.url));
const ROUNDS = 25;
const AGENTS = 15;
/** Spread over the time that the starts take, so that each step of one is hit in some round. */
const LATEST_KILL_MS = 60;

test("whoever is killed while it starts agents leaves none of their processes", async ({
  skip,
}) => {
  skip(!(await canContain("namespace")), "needs pid namespaces");
  let seen = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    const owner = `killed-starter-${process.pid}-${round}`;
    const starter = spawn(process.execPath, [STARTER, owner, String(AGENTS)], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(starter.stdout, "data");
    const killAt = performance.now() + (LATEST_KILL_MS * round) / ROUNDS;
    while (performance.now() < killAt) {
      seen = Math.max(seen, (await ofOwner(owner)).length);
    }
    starter.kill("SIGKILL");
    await once(starter, "exit");
    await until(
      `nothing is left of round ${round}`,
      async () => (await ofOwner(owner)).length === 0,
      2000,
    );
  }
  expect(seen).toBeGreaterThan(0);
}, 120_000);

async function ofOwner(owner: string): Promise<readonly number[]> {
  const pids = [...(await readProcesses()).keys()];
  return pids.filter((pid) => isAlive(pid) && readMarker(pid)?.startsWith(`${owner}/`));
}
