import type { PilotlightConfig } from "@pilotlight/contracts";
import { dataDirHolder } from "@pilotlight/redis";
import { freePort } from "../up/free-port.ts";
import type { Finding } from "./finding.ts";

const what = "port";

export async function portFinding(config: PilotlightConfig): Promise<Finding> {
  const { host, port } = config.http;
  const address = `${host}:${port}`;
  try {
    await freePort(host, port);
    return { what, level: "ok", detail: port === 0 ? "any free one" : `${address} is free` };
  } catch {
    const holder = dataDirHolder(config.dataDir);
    return holder === undefined
      ? {
          what,
          level: "fail",
          detail: `${address} is taken by another program; end it, or choose another with --port`,
        }
      : { what, level: "ok", detail: `${address} is in use, and process ${holder} is up` };
  }
}
