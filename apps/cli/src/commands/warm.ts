import { Command } from "commander";
import { type ApiOptions, clientOf, withApiOptions } from "../api-options.ts";

/** What the owner of the channel now sees to. */
const ASKED = {
  warm: "its session is opened",
  cool: "its session is closed",
  reset: "its next prompt begins a new conversation",
} as const;

export function warmCommand(): Command {
  return intentCommand("warm", "open a channel's session now");
}

export function coolCommand(): Command {
  return intentCommand("cool", "close a channel's session now");
}

export function resetCommand(): Command {
  return intentCommand(
    "reset",
    "begin a new conversation on a channel, and end its rest after failures or a usage limit",
  );
}

function intentCommand(name: "warm" | "cool" | "reset", description: string): Command {
  return withApiOptions(new Command(name))
    .description(description)
    .argument("<channel>")
    .action(async (channel: string, options: ApiOptions) => {
      await clientOf(options)[name](channel);
      process.stdout.write(
        options.json
          ? `${JSON.stringify({ channel, requested: name })}\n`
          : `${channel}: ${ASKED[name]}\n`,
      );
    });
}
