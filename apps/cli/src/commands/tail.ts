import { Command } from "commander";
import { type ApiOptions, clientOf, withApiOptions } from "../api-options.ts";
import { createEventPrinter } from "../event-printer.ts";

export function tailCommand(): Command {
  return withApiOptions(new Command("tail"))
    .description("follow a channel's events until Ctrl-C")
    .argument("<channel>")
    .option("--after <event-id>", "begin after this event (0-0: all that the log holds)")
    .action(async (channel: string, options: ApiOptions & { after?: string }) => {
      const abort = new AbortController();
      process.once("SIGINT", () => abort.abort());
      const printer = createEventPrinter(options.json === true);
      for await (const event of clientOf(options).streamChannel(channel, {
        signal: abort.signal,
        ...(options.after === undefined ? {} : { after: options.after }),
      })) {
        printer.print(event);
      }
    });
}
