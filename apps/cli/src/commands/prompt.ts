import { text as readAll } from "node:stream/consumers";
import { Command } from "commander";
import { type ApiOptions, clientOf, withApiOptions } from "../api-options.ts";
import { createEventPrinter } from "../event-printer.ts";
import { EXIT } from "../exit-codes.ts";

interface PromptOptions extends ApiOptions {
  /** Commander's `--no-wait`. */
  readonly wait: boolean;
  readonly idempotencyKey?: string;
}

export function promptCommand(): Command {
  return withApiOptions(new Command("prompt"))
    .description("send a prompt to a channel and stream the answer")
    .argument("<channel>")
    .argument("<text>", "the prompt; - reads it from stdin")
    .option("--no-wait", "only enqueue it, print its id")
    .option("--idempotency-key <key>", "the same key is accepted once")
    .action(async (channel: string, given: string, options: PromptOptions) => {
      const client = clientOf(options);
      const text = given === "-" ? await readAll(process.stdin) : given;
      const accepted = await client.enqueue(channel, {
        prompt: text,
        surface: "cli",
        ...(options.idempotencyKey === undefined ? {} : { idempotencyKey: options.idempotencyKey }),
      });
      if (!options.wait) {
        process.stdout.write(options.json ? `${JSON.stringify(accepted)}\n` : `${accepted.id}\n`);
        return;
      }
      const abort = new AbortController();
      process.once("SIGINT", () => {
        process.stderr.write(
          `\nThe turn goes on. Come back with: pilotlight tail ${channel} --after 0-0\n`,
        );
        abort.abort();
      });
      const printer = createEventPrinter(options.json === true);
      printer.waiting(accepted.position);
      for await (const event of client.streamPrompt(accepted.id, { signal: abort.signal })) {
        printer.print(event);
      }
      if (printer.lastFinal !== undefined && printer.lastFinal !== "completed") {
        process.exitCode = EXIT.failed;
      }
    });
}
