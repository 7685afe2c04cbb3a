import { setTimeout as sleep } from "node:timers/promises";
import { RequestError } from "@agentclientprotocol/sdk";

const FOR_EVER_MS = 3_600_000;

/** What `DEMO_REOPEN` and `DEMO_STEER` have an agent do when it is asked for that. */
export async function makeTrouble(how: string | undefined, at: string): Promise<void> {
  switch (how) {
    case "hang":
      await sleep(FOR_EVER_MS);
      break;
    case "crash":
      process.stderr.write(`demo-agent: crashing at ${at}, as told\n`);
      process.exit(3);
      break;
    case "refuse":
      throw new RequestError(-32603, "the service is not available");
    default:
  }
}
