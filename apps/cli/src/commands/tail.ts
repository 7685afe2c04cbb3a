import type { PilotlightClient } from "@pilotlight/client";
import { shortText } from "@pilotlight/contracts";
import { Command } from "commander";
import { type ApiOptions, clientOf, withApiOptions } from "../api-options.ts";
import { onInterrupt } from "../turn/on-interrupt.ts";
import { processOutput } from "../turn/process-output.ts";
import { createTurnPrinter } from "../turn/turn-printer.ts";

export function tailCommand(): Command {
  return withApiOptions(new Command("tail"))
    .description("follow a channel's events until Ctrl-C")
    .argument("<channel>")
    .option("--after <event-id>", "begin after this event (0-0: all that the log holds)")
    .action(async (channel: string, options: ApiOptions & { after?: string }) => {
      const client = clientOf(options);
      const abort = new AbortController();
      onInterrupt(() => abort.abort());
      const printer = createTurnPrinter(processOutput);
      for await (const event of client.streamChannel(channel, {
        signal: abort.signal,
        ...(options.after === undefined ? {} : { after: options.after }),
      })) {
        if (options.json) {
          process.stdout.write(`${JSON.stringify(event)}\n`);
          continue;
        }
        if (event.type === "accepted" && event.promptId !== undefined) {
          printer.note(await headline(client, event.promptId));
        }
        printer.print(event);
      }
    });
}

/** The event names the prompt only by its id; without its record that is what is shown. */
async function headline(client: PilotlightClient, promptId: string): Promise<string> {
  const prompt = await client.getPrompt(promptId).catch(() => undefined);
  return prompt === undefined
    ? `> ${promptId}`
    : `> ${shortText(prompt.prompt, 160)}  (${prompt.surface}, ${promptId})`;
}
