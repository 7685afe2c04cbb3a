import type { StreamedEvent } from "@pilotlight/client";
import { beforeEach, describe, expect, it } from "vitest";
import { createTurnPrinter } from "./turn-printer.ts";

let answer: string;
let both: string;
beforeEach(() => {
  answer = "";
  both = "";
});

function show(events: readonly Pick<StreamedEvent, "type" | "data">[], answersTerminal = true) {
  const printer = createTurnPrinter({
    answersTerminal,
    answer(text) {
      answer += text;
      both += text;
    },
    note(text) {
      both += text;
    },
  });
  for (const event of events) {
    printer.print(event);
  }
}

const said = (text: string) => update({ sessionUpdate: "agent_message_chunk", content: { text } });
const update = (data: object) => ({ type: "update", data: { update: data } }) as const;

describe("a turn on a terminal", () => {
  it("is its answer on one side, and short lines about it on the other", () => {
    show([
      { type: "accepted", data: { position: 1 } },
      { type: "started", data: { session: { agent: "demo", opened: "warm" } } },
      {
        type: "plan",
        data: {
          entries: [
            { content: "Read", status: "completed" },
            { content: "Write", status: "in_progress" },
          ],
        },
      },
      said("Hello "),
      said("you."),
      update({ sessionUpdate: "tool_call", title: "ls\n  -la" }),
      said("Done."),
      { type: "completed", data: {} },
    ]);
    expect(answer).toBe("Hello you.\nDone.\n");
    expect(both).toBe(
      "  demo, warm session\n  plan: 1/2 done, Write\nHello you.\n  tool: ls -la\nDone.\n",
    );
  });

  it("says where a prompt is part of another one's turn", () => {
    show([
      { type: "started", data: { turn: { id: "p_1" }, delivery: "injected" } },
      said("Noted."),
      { type: "completed", data: {} },
    ]);
    show([{ type: "started", data: { turn: { id: "p_1" }, delivery: "collected" } }]);
    expect(both).toBe(
      "  taken into the running turn\nNoted.\n  answered together with other prompts\n",
    );
  });

  it("does not steer it, whatever the agent says", () => {
    show([said("\u001b[2J"), update({ sessionUpdate: "tool_call", title: "a\u001b]0;x\u0007" })]);
    expect(both).not.toContain("\u001b");
  });

  it("says why it failed, with the end of stderr", () => {
    show([
      said("par"),
      {
        type: "failed",
        data: { error: { code: "agent_exited", message: "it fell over", stderr: "one\ntwo\n" } },
      },
    ]);
    expect(both).toBe("par\nfailed: it fell over [agent_exited]\n  | one\n  | two\n");
    expect(answer).toBe("par\n");
  });

  it("tells the whole answer at the end where some of it was missed", () => {
    show([
      { type: "gap", data: {} },
      { type: "completed", data: { text: "all of it" } },
    ]);
    expect(answer).toBe("all of it\n");
  });

  it("tells nothing twice where nothing was missed", () => {
    show([said("once"), { type: "completed", data: { text: "once" } }]);
    expect(answer).toBe("once\n");
  });
});

it("a pipe gets the answer as the agent said it", () => {
  show([said("\u001b[1mbold\r\n")], false);
  expect(answer).toBe("\u001b[1mbold\r\n");
});
