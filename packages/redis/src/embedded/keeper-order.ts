import type { ServerBinary } from "./find-server.ts";

/** The variable that carries a `KeeperOrder` as JSON; nothing secret shows in the list of processes. */
export const KEEPER_ORDER = "PILOTLIGHT_KEEPER_ORDER";

/** What the keeper of an embedded server is to keep. */
export interface KeeperOrder {
  readonly binary: ServerBinary;
  readonly configFile: string;
  readonly pidFile: string;
  readonly url: string;
  /** How long clients may go on when the keeper's parent is gone. */
  readonly outliveMs: number;
}
