import { newApiKey } from "@pilotlight/contracts";
import { Command } from "commander";

/** `up` makes its own key; this is for deployments that are given theirs. */
export function keyCommand(): Command {
  return new Command("key")
    .description("print a new API key, for PILOTLIGHT_API_KEY where no `up` makes one")
    .option("--json", "print JSON")
    .action((options: { json?: boolean }) => {
      const key = newApiKey();
      process.stdout.write(options.json ? `${JSON.stringify({ key })}\n` : `${key}\n`);
    });
}
