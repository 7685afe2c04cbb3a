import {
  QUESTION_STATES,
  type Question,
  type QuestionState,
  shortText,
} from "@pilotlight/contracts";
import { Command, Option } from "commander";
import { type ApiOptions, clientOf, withApiOptions } from "../api-options.ts";
import { duration, table } from "../table.ts";
import { describeQuestion } from "../turn/describe-question.ts";

interface PermissionsOptions extends ApiOptions {
  readonly channel?: string;
  readonly state?: QuestionState | "any";
}

export function permissionsCommand(): Command {
  return withApiOptions(new Command("permissions"))
    .description("what agents ask people; with an id all that is known of it")
    .argument("[id]")
    .option("--channel <channel>", "only this channel's")
    .addOption(
      new Option("--state <state>", "not the pending ones, but these").choices([
        ...QUESTION_STATES,
        "any",
      ]),
    )
    .action(async (id: string | undefined, options: PermissionsOptions) => {
      const client = clientOf(options);
      if (id !== undefined) {
        const question = await client.getQuestion(id);
        process.stdout.write(
          options.json
            ? `${JSON.stringify(question)}\n`
            : `${describeQuestion(question).join("\n")}\n`,
        );
        return;
      }
      const { channel, state } = options;
      const { items, nextCursor } = await client.listQuestions({
        limit: 200,
        ...(channel === undefined ? {} : { channel }),
        ...(state === undefined ? {} : { state }),
      });
      process.stdout.write(
        options.json
          ? `${JSON.stringify({ items, nextCursor })}\n`
          : items.length === 0
            ? "nobody is asked anything\n"
            : `${table(HEADER, items.map(rowOf))}\n${nextCursor === undefined ? "" : "and more\n"}`,
      );
    });
}

const HEADER = ["ID", "CHANNEL", "ASKED", "STATE", "KIND", "WHAT"];

function rowOf(question: Question): string[] {
  const left = question.expiresAt - Date.now();
  return [
    question.id,
    question.channel,
    `${duration(Math.max(0, Date.now() - question.askedAt))} ago`,
    question.state === "pending" ? `pending for ${duration(Math.max(0, left))}` : question.state,
    question.type === "permission" ? question.toolCall.kind : "question",
    shortText(question.type === "permission" ? question.toolCall.title : question.message, 60),
  ];
}
