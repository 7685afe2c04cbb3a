import { LIFELINE_FD } from "./contained-command.ts";
import type { Containment } from "./containment.ts";

/** What a command under a containment has to be started with: stdin, stdout and stderr, and the lifeline where it has one. */
export function stdioOf(
  containment: Containment,
  streams: "pipe" | "ignore",
): ("pipe" | "ignore")[] {
  const stdio: ("pipe" | "ignore")[] = [streams, streams, streams];
  if (containment === "namespace") {
    stdio[LIFELINE_FD] = "pipe";
  }
  return stdio;
}
