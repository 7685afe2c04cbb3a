import { appendFileSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { Step } from "./step.ts";

/**
 * `[[ledger FILE ID]]`: appends one line to FILE in `DEMO_LEDGER_DIR`, in one O_APPEND write, for an observer outside.
 * Without that knob it is refused: this agent asks before it changes anything. When an interrupted request goes on, an ID
 * that is in FILE already is passed over: that part of the work is done.
 */
export const ledger: Step = async (turn, args) => {
  const dir = turn.env.DEMO_LEDGER_DIR;
  if (dir === undefined) {
    await turn.say("DEMO_LEDGER_DIR is not set, so there is no ledger.");
    return;
  }
  mkdirSync(dir, { recursive: true });
  const line = {
    id: args[1] ?? "",
    sessionId: turn.conversation.sessionId,
    pid: process.pid,
    atMs: Date.now(),
    tree: turn.env.PILOTLIGHT_TREE,
  };
  const file = join(dir, basename(args[0] ?? "ledger"));
  if (turn.continuing && idsIn(file).includes(line.id)) {
    await turn.say(`${line.id} is done already.`);
    return;
  }
  appendFileSync(file, `${JSON.stringify(line)}\n`);
};

function idsIn(file: string): string[] {
  return existsSync(file)
    ? readFileSync(file, "utf8")
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => JSON.parse(line).id)
    : [];
}
