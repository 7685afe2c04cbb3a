import { ConfigError } from "@pilotlight/contracts";

/** What `load` gives; where the configuration has faults, one line for each and exit 78 (EX_CONFIG), before anything listens. */
export function orExit<T>(load: () => T): T {
  try {
    return load();
  } catch (error) {
    if (error instanceof ConfigError) {
      for (const fault of error.faults) {
        process.stderr.write(`pilotlight: ${fault}\n`);
      }
      process.exit(78);
    }
    throw error;
  }
}
