import type { TurnOutput } from "./turn-printer.ts";

/** stdout for answers, stderr for notes. */
export const processOutput: TurnOutput = {
  answersTerminal: process.stdout.isTTY === true,
  answer: (text) => process.stdout.write(text),
  note: (text) => process.stderr.write(text),
};
