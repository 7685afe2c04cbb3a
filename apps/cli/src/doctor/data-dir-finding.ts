import { accessSync, constants, existsSync } from "node:fs";
import { dirname } from "node:path";
import type { PilotlightConfig } from "@pilotlight/contracts";
import { dataDirHolder } from "@pilotlight/redis";
import type { Finding } from "./finding.ts";

const what = "data directory";

export function dataDirFinding(config: PilotlightConfig): Finding {
  const { dataDir } = config;
  const place = nearestExisting(dataDir);
  try {
    accessSync(place, constants.W_OK | constants.X_OK);
  } catch {
    return {
      what,
      level: "fail",
      detail: `${place} cannot be written; change its owner, or choose another with --data-dir`,
    };
  }
  const holder = dataDirHolder(dataDir);
  const state =
    holder === undefined
      ? place === dataDir
        ? ""
        : " is made at the first start"
      : ` is in use by process ${holder}`;
  return { what, level: "ok", detail: `${dataDir}${state}` };
}

function nearestExisting(path: string): string {
  return existsSync(path) || path === dirname(path) ? path : nearestExisting(dirname(path));
}
