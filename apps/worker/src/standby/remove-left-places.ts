import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { namedPlaces } from "../channel-places.ts";
import { STANDBY_MARK } from "./standby-pool.ts";

/** Removes workspaces that no channel has, and whose worker is gone. Returns how many. */
export function removeLeftPlaces(dataDir: string, liveWorkers: readonly string[]): number {
  const places = namedPlaces(dataDir);
  if (!existsSync(places)) {
    return 0;
  }
  let removed = 0;
  for (const name of readdirSync(places)) {
    const mark = join(places, name, STANDBY_MARK);
    if (existsSync(mark) && !liveWorkers.includes(readFileSync(mark, "utf8"))) {
      rmSync(join(places, name), { recursive: true, force: true });
      removed += 1;
    }
  }
  return removed;
}
