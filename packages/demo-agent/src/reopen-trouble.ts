import { setTimeout as sleep } from "node:timers/promises";
import { RequestError } from "@agentclientprotocol/sdk";

const FOR_EVER_MS = 3_600_000;

/** What `DEMO_REOPEN` has an agent do when an earlier session is to be opened again. */
export async function reopenTrouble(how: string | undefined): Promise<void> {
  switch (how) {
    case "hang":
      await sleep(FOR_EVER_MS);
      break;
    case "crash":
      process.stderr.write("demo-agent: crashing at an earlier session, as told\n");
      process.exit(3);
      break;
    case "refuse":
      throw new RequestError(-32603, "the service is not available");
    default:
  }
}
