import { existsSync } from "node:fs";
import { apiKeyFile, ConfigError, type PilotlightConfig, readApiKey } from "@pilotlight/contracts";
import { faultOfKeyFile } from "../up/api-key-file.ts";
import type { Finding } from "./finding.ts";

const what = "api key";

export function keyFinding(config: PilotlightConfig): Finding {
  if (process.env.PILOTLIGHT_API_KEY) {
    try {
      readApiKey(process.env, config.dataDir);
      return { what, level: "ok", detail: "PILOTLIGHT_API_KEY" };
    } catch (error) {
      const detail = error instanceof ConfigError ? error.faults.join("; ") : String(error);
      return { what, level: "fail", detail };
    }
  }
  const path = apiKeyFile(config.dataDir);
  if (!existsSync(path)) {
    return { what, level: "ok", detail: `${path} is made at the first start` };
  }
  const fault = faultOfKeyFile(path);
  return fault === undefined
    ? { what, level: "ok", detail: path }
    : { what, level: "fail", detail: fault };
}
