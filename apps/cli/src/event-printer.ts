import type { StreamedEvent } from "@pilotlight/client";

/** Shows a turn as it goes: the answer on stdout, everything about it on stderr. With `json` one event a line. */
export interface EventPrinter {
  print(event: StreamedEvent): void;
  /** Says what is ahead in the queue. */
  waiting(position: number): void;
  /** The name of the last final event. */
  readonly lastFinal: string | undefined;
}

interface UpdateData {
  readonly sessionUpdate?: string;
  readonly content?: { readonly text?: string };
  readonly title?: string;
}

export function createEventPrinter(json: boolean): EventPrinter {
  let lastFinal: string | undefined;
  let onNewLine = true;

  function say(text: string): void {
    process.stderr.write(`${onNewLine ? "" : "\n"}${text}\n`);
    onNewLine = true;
  }

  function showUpdate(update: UpdateData): void {
    const text = update.content?.text;
    if (update.sessionUpdate === "agent_message_chunk" && text !== undefined && text !== "") {
      process.stdout.write(text);
      onNewLine = text.endsWith("\n");
    } else if (update.sessionUpdate === "tool_call") {
      say(`  tool: ${update.title ?? "unnamed"}`);
    }
  }

  function show(event: StreamedEvent): void {
    const data = event.data as Record<string, unknown>;
    switch (event.type) {
      case "started": {
        const session = data.session as { opened?: string; agent?: string } | undefined;
        say(`  ${session?.agent ?? "agent"} (${session?.opened ?? "?"})`);
        break;
      }
      case "update":
        showUpdate(data.update as UpdateData);
        break;
      case "plan": {
        const entries = (data.entries ?? []) as { content: string; status: string }[];
        const done = entries.filter((entry) => entry.status === "completed").length;
        say(`  plan: ${done}/${entries.length} done`);
        break;
      }
      case "gap":
        say("  some earlier events are no longer kept");
        break;
      case "failed":
      case "interrupted": {
        const error = data.error as { message?: string; stderr?: string } | undefined;
        say(`${event.type}: ${error?.message ?? "no reason given"}`);
        if (error?.stderr) {
          say(error.stderr.trimEnd());
        }
        break;
      }
      case "cancelled":
        say("cancelled");
        break;
      case "completed":
        process.stdout.write(onNewLine ? "" : "\n");
        onNewLine = true;
        break;
    }
  }

  return {
    print(event) {
      if (["completed", "failed", "cancelled", "interrupted"].includes(event.type)) {
        lastFinal = event.type;
      }
      if (json) {
        process.stdout.write(`${JSON.stringify(event)}\n`);
      } else {
        show(event);
      }
    },
    waiting(position) {
      if (!json && position > 1) {
        say(`  queued behind ${position - 1}`);
      }
    },
    get lastFinal() {
      return lastFinal;
    },
  };
}
