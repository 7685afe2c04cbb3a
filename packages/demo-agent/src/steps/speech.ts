import { RequestError } from "@agentclientprotocol/sdk";
import { countOf } from "../parse-prompt.ts";
import type { Step } from "./step.ts";

/** `[[words N]]`: an answer of N numbered words. */
export const words: Step = async (turn, args) => {
  const count = countOf(args[0], 100, 1_000_000);
  await turn.say(Array.from({ length: count }, (_, index) => `word${index + 1}`).join(" "));
};

/** `[[recall]]`: the whole conversation as this session remembers it, the running message left out. */
export const recall: Step = async (turn) => {
  const lines = turn.conversation.messages
    .slice(0, -1)
    .map((message, index) => `${index + 1}. ${message.role}: ${message.text}`);
  await turn.say(lines.length === 0 ? "I remember nothing yet." : lines.join("\n"));
};

/** `[[settings]]`: how this session is set. */
export const settings: Step = async ({ settings, say }) => {
  const { mode, options, systemPrompt = "none" } = settings;
  await say(`mode ${mode}, options ${JSON.stringify(options)}, system prompt: ${systemPrompt}`);
};

/** `[[env NAME]]`: the value that this process has of an environment variable. */
export const env: Step = async (turn, args) => {
  await turn.say(`${args[0]}=${turn.env[args[0] ?? ""] ?? "(none)"}`);
};

/** `[[error CODE MESSAGE...]]`: the prompt is answered with this JSON-RPC error. */
export const error: Step = async (_, args) => {
  const code = Number(args[0] ?? -32603);
  throw new RequestError(code, args.slice(1).join(" ") || "told to fail", { told: true });
};

/** `[[stderr TEXT...]]`: a line on stderr. */
export const stderr: Step = async (_, args) => {
  process.stderr.write(`${args.join(" ")}\n`);
};

/** `[[call METHOD]]`: asks the client for METHOD and says what came back. */
export const call: Step = async (turn, args) => {
  const method = args[0] ?? "fs/read_text_file";
  const params = { sessionId: turn.conversation.sessionId, path: "/etc/hostname", command: "id" };
  try {
    await turn.client.request(method, params);
    await turn.say(`${method}: answered.`);
  } catch (reason) {
    const code = reason instanceof RequestError ? reason.code : 0;
    await turn.say(`${method}: refused (${code}).`);
  }
};
