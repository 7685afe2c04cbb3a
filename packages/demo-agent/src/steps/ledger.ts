import { appendFileSync, mkdirSync } from "node:fs";
import { createServer } from "node:net";
import { basename, join } from "node:path";
import { RequestError } from "@agentclientprotocol/sdk";
import type { Step } from "./step.ts";

/**
 * `[[ledger FILE ID]]`: appends one line to FILE in `DEMO_LEDGER_DIR`, in one O_APPEND write, for an observer outside.
 * Without that knob it is refused: this agent asks before it changes anything.
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
  };
  appendFileSync(join(dir, basename(args[0] ?? "ledger")), `${JSON.stringify(line)}\n`);
};

/**
 * `[[exclusive NAME]]`: holds NAME until the turn ends and fails the turn where another process or turn holds it,
 * which proves an overlap without any clock. The kernel frees the name when its holder dies.
 */
export const exclusive: Step = async (turn, args) => {
  const name = args[0] ?? "turn";
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once("error", () =>
      reject(new RequestError(-32603, `overlap: ${name} is held by another turn`)),
    );
    server.listen(`\0pilotlight-demo-${name}`, resolve);
  });
  turn.atEnd(() => server.close());
};
