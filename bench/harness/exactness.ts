/** One prompt that was sent and what came back; the echo agent answers `#N PROMPT`. */
export interface SentAndHeard {
  readonly channel: string;
  readonly sent: string;
  readonly heard: string;
}

/**
 * What is wrong with these answers: one that is not its prompt's own, a turn that ran twice or not at all.
 * Within a channel the agent's count of turns must go through all numbers once; `inOrder` demands that they grow
 * as the prompts were sent.
 */
export function findViolations(
  arm: string,
  answers: readonly SentAndHeard[],
  options: { readonly inOrder: boolean },
): string[] {
  const violations: string[] = [];
  const turns = new Map<string, number[]>();
  for (const { channel, sent, heard } of answers) {
    const [, turn, echoed] = /^#(\d+) (.*)$/s.exec(heard) ?? [];
    if (echoed !== sent) {
      violations.push(`${arm}: "${sent}" on ${channel} was answered "${heard.slice(0, 80)}"`);
      continue;
    }
    turns.set(channel, [...(turns.get(channel) ?? []), Number(turn)]);
  }
  for (const [channel, numbers] of turns) {
    const order = options.inOrder ? numbers : numbers.toSorted((a, b) => a - b);
    const first = order[0] ?? 0;
    const wrong = order.findIndex((number, i) => number !== first + i);
    if (wrong >= 0) {
      violations.push(
        `${arm}: turn ${order[wrong]} of ${channel} came where ${first + wrong} was due`,
      );
    }
  }
  return violations;
}
