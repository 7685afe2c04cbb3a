import { Command } from "commander";
import { type ApiOptions, clientOf, withApiOptions } from "../api-options.ts";
import { duration, table } from "../table.ts";

export function historyCommand(): Command {
  return withApiOptions(new Command("history"))
    .description("a channel's prompts, newest first")
    .argument("<channel>")
    .option("--limit <n>", "how many (1 to 200)", "20")
    .action(async (channel: string, options: ApiOptions & { limit: string }) => {
      const page = await clientOf(options).listPrompts({ channel, limit: Number(options.limit) });
      if (options.json) {
        process.stdout.write(`${JSON.stringify(page)}\n`);
        return;
      }
      const rows = page.items.map((prompt) => [
        new Date(prompt.acceptedAt).toISOString().slice(0, 19).replace("T", " "),
        prompt.state,
        prompt.session?.opened ?? "-",
        prompt.timings.totalMs === undefined ? "-" : duration(prompt.timings.totalMs),
        prompt.id,
        prompt.prompt.replace(/\s+/g, " ").slice(0, 60),
      ]);
      process.stdout.write(
        `${table(["ACCEPTED (UTC)", "STATE", "OPENED", "TOOK", "ID", "PROMPT"], rows)}\n`,
      );
    });
}
