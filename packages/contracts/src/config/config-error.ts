import { PilotlightError } from "../errors/pilotlight-error.ts";

/** Everything that is wrong with the configuration, at once. Processes exit with 78 (EX_CONFIG) on it. */
export class ConfigError extends PilotlightError {
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(
      "CONFIG_INVALID",
      `the configuration has ${faults.length} fault(s):\n${faults.join("\n")}`,
    );
    this.faults = faults;
  }
}
