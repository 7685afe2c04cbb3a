import type { StreamedEvent } from "@pilotlight/client";
import {
  type PlanEntry,
  type PromptError,
  type Question,
  shortText,
  visibleText,
} from "@pilotlight/contracts";
import { describeQuestion, howToAnswer } from "./describe-question.ts";
import { questionOf } from "./question-of.ts";

/** Where a turn is shown: its answer on one, everything about it on the other. */
export interface TurnOutput {
  answer(text: string): void;
  note(text: string): void;
  /** Whether the answer goes to a terminal, which must not be steered by what an agent says. */
  readonly answersTerminal: boolean;
}

export interface TurnPrinter {
  print(event: StreamedEvent): void;
  /** A line about what is going on, on a line of its own. */
  note(text: string): void;
}

const TITLE_CHARS = 100;

const RECOVERY_NOTES: Readonly<Record<string, string>> = {
  retry: "the turn was cut off before it changed anything and begins again",
  continue: "the turn was cut off and goes on",
  rerun: "the turn was cut off and is run again",
};

/** Shows a turn for people as it goes: the answer as it is said, tools and plan in short lines between. */
export function createTurnPrinter(output: TurnOutput): TurnPrinter {
  let atLineStart = true;
  let missedSome = false;

  function say(text: string): void {
    if (text !== "") {
      output.answer(output.answersTerminal ? visibleText(text) : text);
      atLineStart = text.endsWith("\n");
    }
  }

  function endLine(): void {
    if (!atLineStart) {
      output.answer("\n");
      atLineStart = true;
    }
  }

  function note(text: string): void {
    endLine();
    output.note(`${visibleText(text)}\n`);
  }

  function showUpdate(update: Update): void {
    switch (update.sessionUpdate) {
      case "agent_message_chunk":
        say(update.content?.text ?? "");
        break;
      case "tool_call":
        note(`  tool: ${shortText(update.title ?? "unnamed", TITLE_CHARS)}`);
        break;
      case "tool_call_update":
        if (update.status === "failed") {
          note(`  tool failed${update.title ? `: ${shortText(update.title, TITLE_CHARS)}` : ""}`);
        }
        break;
    }
  }

  function showQuestion(question: Question): void {
    if (question.state !== "pending") {
      const answer = question.given?.answer;
      const what = answer?.at === "selected" ? answer.kind : answer?.at;
      note(`  ${question.id} is ${question.state}${what === undefined ? "" : `: ${what}`}`);
      return;
    }
    for (const line of describeQuestion(question)) {
      note(`  ${line}`);
    }
    note(`  ${howToAnswer(question)}`);
  }

  /** Where events were missed the end may carry the whole answer. */
  function showEnd(event: StreamedEvent): void {
    if (missedSome && typeof event.data.text === "string") {
      note("  the whole answer:");
      say(event.data.text);
    }
    endLine();
    const error = event.data.error as PromptError | undefined;
    if (event.type === "completed") {
      return;
    }
    note(`${event.type}${error === undefined ? "" : `: ${error.message} [${error.code}]`}`);
    if (error?.stderr) {
      note(error.stderr.trimEnd().replace(/^/gm, "  | "));
    }
  }

  return {
    note,
    print(event) {
      switch (event.type) {
        case "accepted":
          break;
        case "started": {
          if (event.data.turn !== undefined) {
            note(
              event.data.delivery === "injected"
                ? "  taken into the running turn"
                : "  answered together with other prompts",
            );
            break;
          }
          const session = event.data.session as { opened?: string; agent?: string } | undefined;
          const how = RECOVERY_NOTES[String(event.data.recovery)];
          note(
            `  ${session?.agent ?? "agent"}, ${session?.opened ?? "unknown"} session${how === undefined ? "" : `: ${how}`}`,
          );
          break;
        }
        case "waiting":
          note(`  interrupted (${event.data.reason}); it waits for a decision:`);
          note(`  pilotlight decide ${event.promptId} continue|rerun|abandon`);
          break;
        case "permission":
        case "elicitation": {
          const question = questionOf(event);
          if (question !== undefined) {
            showQuestion(question);
          }
          break;
        }
        case "update":
          showUpdate((event.data.update ?? {}) as Update);
          break;
        case "plan":
          note(`  plan: ${planText((event.data.entries ?? []) as PlanEntry[])}`);
          break;
        case "gap":
          missedSome = true;
          note("  some events are no longer kept");
          break;
        default:
          showEnd(event);
      }
    },
  };
}

interface Update {
  readonly sessionUpdate?: string;
  readonly content?: { readonly text?: string };
  readonly title?: string;
  readonly status?: string;
}

function planText(entries: readonly PlanEntry[]): string {
  const done = entries.filter((entry) => entry.status === "completed").length;
  const current = entries.find((entry) => entry.status === "in_progress");
  const count = `${done}/${entries.length} done`;
  return current === undefined ? count : `${count}, ${shortText(current.content, TITLE_CHARS)}`;
}
