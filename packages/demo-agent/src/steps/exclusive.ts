import { createHash } from "node:crypto";
import { createServer } from "node:net";
import { basename, join } from "node:path";
import { RequestError } from "@agentclientprotocol/sdk";
import type { Turn } from "../turn.ts";
import { holdFile } from "./hold-file.ts";
import type { Step } from "./step.ts";

/** What a turn holds already: several messages may be answered in one. */
const heldBy = new WeakMap<Turn, Set<string>>();

/**
 * `[[exclusive NAME]]`: holds NAME until the turn ends and fails the turn where another process or turn holds it,
 * which proves an overlap without any clock. The kernel frees the name when its holder dies.
 *
 * A turn that holds NAME already goes on. A name is good within one network namespace, among agents of one
 * `DEMO_LEDGER_DIR`; with `DEMO_LOCK_DIR` it is a file there, for the whole machine.
 */
export const exclusive: Step = async (turn, args) => {
  const name = args[0] ?? "turn";
  const names = heldBy.get(turn) ?? new Set();
  if (names.has(name)) {
    return;
  }
  heldBy.set(turn, names.add(name));
  const dir = turn.env.DEMO_LOCK_DIR;
  if (dir === undefined) {
    turn.atEnd(await holdName(name, turn.env.DEMO_LEDGER_DIR ?? ""));
    return;
  }
  const held = await holdFile(join(dir, basename(name)), turn.env.PILOTLIGHT_TREE ?? "");
  if (held.by !== undefined) {
    throw overlap(name, held.by);
  }
  turn.atEnd(held.release);
};

async function holdName(name: string, ledgerDir: string): Promise<() => void> {
  // A path may be longer than the name of a socket (107 bytes).
  const scope = createHash("sha256").update(ledgerDir).digest("hex").slice(0, 16);
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once("error", () => reject(overlap(name)));
    server.listen(`\0pilotlight-demo-${scope}-${name}`, resolve);
  });
  return () => server.close();
}

function overlap(name: string, by = ""): RequestError {
  const whose = by === "" ? "" : `: ${by}`;
  return new RequestError(-32603, `overlap: ${name} is held by another turn${whose}`);
}
