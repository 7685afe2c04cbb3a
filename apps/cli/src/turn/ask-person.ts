import { createInterface } from "node:readline/promises";
import type { PilotlightClient } from "@pilotlight/client";
import { ApiError } from "@pilotlight/client";
import type { AnswerRequest, Question } from "@pilotlight/contracts";

/** A terminal: where somebody may be asked, and answers. */
export interface Terminal {
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
}

export interface PersonAsker {
  /** One question after the other; one that was closed elsewhere meanwhile is not asked any more. */
  heard(question: Question): void;
  close(): void;
}

const CHOICES: Readonly<Record<string, AnswerRequest>> = {
  y: { decision: "allow_once" },
  n: { decision: "reject_once" },
  a: { decision: "allow_always" },
};

/** Asks whoever sits at the terminal what the agent wants to know; forms and addresses are left to `pilotlight answer`. */
export function createPersonAsker(
  client: Pick<PilotlightClient, "answer">,
  terminal: Terminal,
  note: (text: string) => void,
): PersonAsker {
  const open = new Map<string, AbortController>();
  let asking: Promise<void> = Promise.resolve();

  async function ask(question: Question, signal: AbortSignal): Promise<void> {
    if (signal.aborted) {
      return;
    }
    const always =
      question.type === "permission" && question.always !== undefined ? ", [a]lways" : "";
    const line = createInterface(terminal);
    // While a line is read the terminal hands Ctrl-C to it: it is meant for us as ever.
    line.on("SIGINT", () => process.kill(process.pid, "SIGINT"));
    try {
      for (;;) {
        const said = await line.question(`  allow? [y]es, [n]o${always}: `, { signal });
        const answer = CHOICES[said.trim().toLowerCase().slice(0, 1)];
        if (answer !== undefined) {
          await client.answer(question.id, { ...answer, hash: question.hash });
          return;
        }
      }
    } catch (error) {
      // Somebody else was faster, or its turn is over: the next event says so.
      if (!signal.aborted) {
        note(`  not answered: ${error instanceof ApiError ? error.message : "no terminal"}`);
      }
    } finally {
      line.close();
    }
  }

  return {
    heard(question) {
      if (question.state !== "pending") {
        open.get(question.id)?.abort();
        open.delete(question.id);
      } else if (question.type === "permission" && !open.has(question.id)) {
        const abort = new AbortController();
        open.set(question.id, abort);
        asking = asking.then(() => ask(question, abort.signal));
      }
    },
    close() {
      for (const abort of open.values()) {
        abort.abort();
      }
    },
  };
}
