import { text as readAll } from "node:stream/consumers";
import type { EnqueueOptions, PilotlightClient } from "@pilotlight/client";
import {
  INTERRUPTION_POLICIES,
  type InterruptionPolicy,
  isFinalEventType,
  PROMPT_MODES,
  type PromptMode,
} from "@pilotlight/contracts";
import { Command, InvalidArgumentError, Option } from "commander";
import { type ApiOptions, clientOf, withApiOptions } from "../api-options.ts";
import { EXIT } from "../exit-codes.ts";
import { createPersonAsker } from "../turn/ask-person.ts";
import { noteWaiting } from "../turn/note-waiting.ts";
import { onInterrupt } from "../turn/on-interrupt.ts";
import { processOutput } from "../turn/process-output.ts";
import { questionOf } from "../turn/question-of.ts";
import { createTurnPrinter } from "../turn/turn-printer.ts";

interface PromptOptions extends ApiOptions {
  /** Commander's `--no-wait`. */
  readonly wait: boolean;
  readonly record?: boolean;
  readonly idempotencyKey?: string;
  readonly idempotent?: boolean;
  readonly onInterrupted?: InterruptionPolicy;
  readonly mode?: PromptMode;
  readonly notBefore?: string | number;
  readonly callback?: string;
}

export function promptCommand(): Command {
  return withApiOptions(new Command("prompt"))
    .description("send a prompt to a channel and stream the answer")
    .argument("<channel>")
    .argument("<text>", "the prompt; - reads it from stdin")
    .option("--no-wait", "only hand it in, print its id")
    .addOption(
      new Option("--record", "wait for the end, print the prompt's record as JSON").conflicts([
        "wait",
        "json",
      ]),
    )
    .option("--idempotency-key <key>", "the same key is accepted once")
    .option("--idempotent", "the agent may be sent it twice")
    .addOption(
      new Option(
        "--mode <mode>",
        "what it does where a turn of the channel runs; default: as the channel is set",
      ).choices(PROMPT_MODES),
    )
    .addOption(
      new Option(
        "--on-interrupted <policy>",
        "what becomes of it where its worker or agent dies",
      ).choices(INTERRUPTION_POLICIES),
    )
    .option(
      "--not-before <when>",
      "it waits until then, and holds up nobody: a time as 2031-05-01T09:00:00Z, or seconds",
      momentOf,
    )
    .option("--callback <url>", "where questions of its agent and its end are sent, signed")
    .action(async (channel: string, given: string, options: PromptOptions) => {
      const client = clientOf(options);
      const input: EnqueueOptions = {
        prompt: given === "-" ? await readAll(process.stdin) : given,
        surface: "cli",
        ...(options.idempotent === undefined ? {} : { idempotent: options.idempotent }),
        ...(options.mode === undefined ? {} : { mode: options.mode }),
        ...(options.onInterrupted === undefined ? {} : { onInterrupted: options.onInterrupted }),
        ...(options.notBefore === undefined ? {} : { notBefore: options.notBefore }),
        ...(options.callback === undefined ? {} : { callbackUrl: options.callback }),
        ...(options.idempotencyKey === undefined ? {} : { idempotencyKey: options.idempotencyKey }),
      };
      if (!options.wait) {
        const accepted = await client.enqueue(channel, input);
        process.stdout.write(options.json ? `${JSON.stringify(accepted)}\n` : `${accepted.id}\n`);
        return;
      }
      process.exitCode = await runTurn(client, channel, input, options);
    });
}

async function runTurn(
  client: PilotlightClient,
  channel: string,
  input: EnqueueOptions,
  options: PromptOptions,
): Promise<number> {
  const isForPrograms = options.json === true || options.record === true;
  const printer = createTurnPrinter(processOutput);
  const asker = isAtTerminal()
    ? createPersonAsker(client, { input: process.stdin, output: process.stderr }, printer.note)
    : undefined;
  const detached = new AbortController();
  const begun = new AbortController();
  let promptId: string | undefined;
  let lastEventId = "0-0";
  let final: string | undefined;
  onInterrupt(() => detached.abort());

  for await (const event of client.runPrompt(channel, input, { signal: detached.signal })) {
    promptId ??= event.promptId;
    lastEventId = event.id ?? lastEventId;
    if (options.json) {
      process.stdout.write(`${JSON.stringify(event)}\n`);
    }
    if (!isForPrograms) {
      printer.print(event);
      const question = questionOf(event);
      if (question !== undefined) {
        asker?.heard(question);
      }
    }
    if (event.type === "accepted" && !isForPrograms) {
      const position = Number(event.data.position);
      if (position > 1) {
        printer.note(`  queued behind ${position - 1}`);
      }
      if (options.notBefore !== undefined) {
        printer.note(`  waits until ${timeOf(options.notBefore)}`);
      }
      void noteWaiting(client, { channel, signal: begun.signal, note: printer.note });
    } else if (event.type !== "gap") {
      begun.abort();
    }
    if (isFinalEventType(event.type)) {
      final = event.type;
    }
  }
  begun.abort();
  asker?.close();
  if (detached.signal.aborted) {
    printer.note(comeBack(channel, promptId, lastEventId));
    return EXIT.detached;
  }
  if (options.record && promptId !== undefined) {
    process.stdout.write(`${JSON.stringify(await client.getPrompt(promptId))}\n`);
  }
  return final === "completed" ? EXIT.ok : EXIT.failed;
}

function comeBack(channel: string, promptId: string | undefined, lastEventId: string): string {
  return promptId === undefined
    ? "Nothing was accepted yet."
    : `The turn of ${promptId} goes on. Come back with: pilotlight tail ${channel} --after ${lastEventId}`;
}

/** Whether it is a moment at all, the API says. */
function momentOf(text: string): string | number {
  if (/^\d+(\.\d+)?$/.test(text)) {
    return Number(text);
  }
  if (Number.isNaN(Date.parse(text))) {
    throw new InvalidArgumentError("must be a time as 2031-05-01T09:00:00Z, or seconds");
  }
  return text;
}

function timeOf(notBefore: string | number): string {
  return typeof notBefore === "string"
    ? notBefore
    : new Date(Date.now() + notBefore * 1000).toISOString();
}

/** Somebody can be asked here and now. */
function isAtTerminal(): boolean {
  return process.stdin.isTTY === true && process.stderr.isTTY === true;
}
