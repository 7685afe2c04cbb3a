import type { Message } from "./conversation.ts";
import { parsePrompt } from "./parse-prompt.ts";

/** The answer to a plain prompt: shows that it was heard and what is remembered. */
export function answerTo(heard: string, earlier: readonly Message[]): string {
  const said = earlier.filter((message) => message.role === "user");
  const last = said.at(-1);
  const recap = earlier.some((message) => message.role === "context")
    ? " I was given a recap of our conversation."
    : "";
  const now = heard === "" ? "Done." : `You said: "${excerpt(heard)}".`;
  if (last === undefined) {
    return `${now} ${recap === "" ? "This is the first message of our conversation." : recap.trim()}`;
  }
  const count = said.length === 1 ? "1 earlier message" : `${said.length} earlier messages`;
  return `${now} Before that you said: "${excerpt(parsePrompt(last.text).text || last.text)}". I remember ${count} of yours.${recap}`;
}

/** The answer to a message that came while another one was being answered. */
export function answerToSteering(heard: string): string {
  return `Meanwhile you said: "${excerpt(heard)}". I take it in.`;
}

function excerpt(text: string): string {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length <= 200 ? line : `${line.slice(0, 199)}…`;
}
