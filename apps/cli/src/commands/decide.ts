import { DECISIONS, type Decision } from "@pilotlight/contracts";
import { Argument, Command } from "commander";
import { type ApiOptions, clientOf, withApiOptions } from "../api-options.ts";

export function decideCommand(): Command {
  return withApiOptions(new Command("decide"))
    .description("say what becomes of an interrupted prompt that waits for a decision")
    .argument("<prompt-id>")
    .addArgument(
      new Argument("<decision>", "finish the rest, send it again, or give it up").choices(
        DECISIONS,
      ),
    )
    .action(async (id: string, decision: Decision, options: ApiOptions) => {
      const prompt = await clientOf(options).decide(id, decision);
      process.stdout.write(
        options.json ? `${JSON.stringify(prompt)}\n` : `${decision}: ${id} is ${prompt.state}\n`,
      );
    });
}
