import type { AnswerRequest, Question } from "@pilotlight/contracts";
import { Argument, Command, InvalidArgumentError } from "commander";
import { type ApiOptions, clientOf, withApiOptions } from "../api-options.ts";

interface AnswerOptions extends ApiOptions {
  readonly field?: Readonly<Record<string, string>>;
}

const WORDS = ["allow", "deny", "always", "accept", "decline"] as const;
type Word = (typeof WORDS)[number];

export function answerCommand(): Command {
  return withApiOptions(new Command("answer"))
    .description("answer what an agent asks; the first answer counts")
    .argument("<id>", "as `pilotlight permissions` lists it")
    .addArgument(
      new Argument(
        "<answer>",
        "a permission: allow (once), deny, or always (until it expires); a question: accept or decline",
      ).choices(WORDS),
    )
    .option("--field <name=value>", "a field of the form; again for each", fieldOf)
    .action(async (id: string, word: Word, options: AnswerOptions) => {
      const client = clientOf(options);
      const shown = await client.getQuestion(id);
      // The hash binds the answer to what was just looked up.
      const answer = { ...requestOf(word, shown, options.field), hash: shown.hash };
      const question = await client.answer(id, answer);
      process.stdout.write(
        options.json ? `${JSON.stringify(question)}\n` : `${word}: ${id} is ${question.state}\n`,
      );
    });
}

function requestOf(
  word: Word,
  question: Question,
  fields: Readonly<Record<string, string>> | undefined,
): AnswerRequest {
  switch (word) {
    case "allow":
      return { decision: "allow_once" };
    case "always":
      return { decision: "allow_always" };
    case "deny":
      return question.type === "permission" ? { decision: "reject_once" } : { action: "decline" };
    case "decline":
      return { action: "decline" };
    case "accept":
      return {
        action: "accept",
        ...(fields === undefined ? {} : { content: contentOf(fields, question) }),
      };
  }
}

/** A form says which of its fields are numbers, yes or no, or lists. */
function contentOf(
  fields: Readonly<Record<string, string>>,
  question: Question,
): Record<string, unknown> {
  const form = question.type === "elicitation" ? question.form : undefined;
  const properties = (form?.properties ?? {}) as Record<string, { type?: string } | undefined>;
  return Object.fromEntries(
    Object.entries(fields).map(([name, text]) => [name, fieldValue(text, properties[name]?.type)]),
  );
}

function fieldValue(text: string, type: string | undefined): unknown {
  switch (type) {
    case "number":
    case "integer":
      return text.trim() === "" || Number.isNaN(Number(text)) ? text : Number(text);
    case "boolean":
      return text === "true" ? true : text === "false" ? false : text;
    case "array":
      return text === "" ? [] : text.split(",");
    default:
      return text;
  }
}

function fieldOf(text: string, earlier: Record<string, string> = {}): Record<string, string> {
  const at = text.indexOf("=");
  if (at < 1) {
    throw new InvalidArgumentError("must be NAME=VALUE");
  }
  return { ...earlier, [text.slice(0, at)]: text.slice(at + 1) };
}
