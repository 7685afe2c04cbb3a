import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { namedPlaces } from "../channel-places.ts";
import { STANDBY_MARK } from "./standby-pool.ts";

/**
 * Removes workspaces that no channel has, and whose worker is gone. Returns how many. `knownWorkers` is asked after the
 * directory was read: a worker is registered before it makes one.
 */
export async function removeLeftPlaces(
  dataDir: string,
  knownWorkers: () => Promise<readonly string[]>,
): Promise<number> {
  const places = namedPlaces(dataDir);
  const marked = existsSync(places)
    ? readdirSync(places).flatMap((name) => {
        const mark = join(places, name, STANDBY_MARK);
        return existsSync(mark) ? [{ name, worker: readFileSync(mark, "utf8") }] : [];
      })
    : [];
  if (marked.length === 0) {
    return 0;
  }
  const known = await knownWorkers();
  const left = marked.filter(({ worker }) => !known.includes(worker));
  for (const { name } of left) {
    rmSync(join(places, name), { recursive: true, force: true });
  }
  return left.length;
}
