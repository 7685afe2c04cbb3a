import { Command } from "commander";
import { type ApiOptions, clientOf, withApiOptions } from "../api-options.ts";

export function cancelCommand(): Command {
  return withApiOptions(new Command("cancel"))
    .description("cancel a prompt, whether it waits or runs")
    .argument("<prompt-id>")
    .action(async (id: string, options: ApiOptions) => {
      const prompt = await clientOf(options).cancel(id);
      const done = prompt.state === "cancelled" ? "is cancelled" : "is told to stop";
      process.stdout.write(
        options.json ? `${JSON.stringify(prompt)}\n` : `cancel: ${id} ${done}\n`,
      );
    });
}
