import {
  type AgentContext,
  type PromptResponse,
  RequestError,
  type StopReason,
} from "@agentclientprotocol/sdk";
import { answerTo, answerToSteering } from "./answer.ts";
import type { Conversation } from "./conversation.ts";
import { countOf, type Directive, parsePrompt } from "./parse-prompt.ts";
import type { SessionSettings } from "./session-settings.ts";
import type { Steering } from "./steering.ts";
import { STEPS } from "./steps/index.ts";
import { sendPlan } from "./steps/plan.ts";
import { createTurn, type Turn } from "./turn.ts";

const DEEDS = new Set(["ledger"]);
const SETTINGS = new Set(["slow", "chunk-ms", "stop", "mute"]);
const ANSWER_PLAN = ["Read the message", "Answer it"];
const CONTEXT_TOKENS = 200_000;
const MAX_PAUSE_MS = 600_000;

export interface RunPromptOptions {
  readonly conversation: Conversation;
  readonly settings: SessionSettings;
  readonly client: AgentContext;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cancelled: AbortSignal;
  readonly steering: Steering;
}

/** What is told to an agent whose work was cut off: the request in it is continued, like a good agent would. */
const INTERRUPTED = /<interrupted-request>\n([\s\S]*)\n<\/interrupted-request>/;

/** One turn, from the prompt's parts to its response. What was said is remembered even where the turn is cancelled. */
export async function runPrompt(
  parts: readonly string[],
  { conversation, settings, client, env, cancelled, steering }: RunPromptOptions,
): Promise<PromptResponse & { usage?: object }> {
  if (env.DEMO_USAGE_LIMIT !== undefined) {
    throw new RequestError(-32603, env.DEMO_USAGE_LIMIT);
  }
  // Only the last part asks for something; what comes before it is background.
  const prompt = parts.at(-1) ?? "";
  const interrupted = INTERRUPTED.exec(prompt)?.[1];
  const { text, directives } = parsePrompt(interrupted ?? prompt);
  const setting = (name: string) =>
    directives.find((directive) => directive.name === name)?.args[0];
  const chunkMs = countOf(setting("chunk-ms") ?? env.DEMO_CHUNK_MS, 5, MAX_PAUSE_MS);
  let cancelStop = (env.DEMO_CANCEL_STOP ?? "cancelled") as StopReason;
  const turn = createTurn({
    conversation,
    settings,
    client,
    env,
    cancelled,
    steering,
    chunkMs,
    continuing: interrupted !== undefined,
    answerCancelWith: (stopReason) => {
      cancelStop = stopReason;
    },
  });
  for (const background of parts.slice(0, -1)) {
    conversation.add({ role: "context", text: background });
  }
  conversation.add({ role: "user", text: prompt });
  try {
    await untilCut(turn, async () => {
      await untilCut(turn, () => turn.pause(countOf(setting("slow"), 0, MAX_PAUSE_MS)));
      await runSteps(turn, env.DEMO_HANG === undefined ? directives : [hang(env.DEMO_HANG)]);
      if (!directives.some(({ name }) => name === "mute")) {
        await giveAnswer(turn, text, directives);
      }
    });
    for (let said = steering.take(); said.length > 0; said = steering.take()) {
      await takeIn(turn, said);
    }
    const usage = usageOf(conversation, turn.answer);
    await turn.send({
      sessionUpdate: "usage_update",
      used: usage.totalTokens,
      size: CONTEXT_TOKENS,
    });
    return { stopReason: (setting("stop") ?? "end_turn") as StopReason, usage };
  } catch (error) {
    if (cancelled.aborted && !(error instanceof RequestError)) {
      return { stopReason: cancelStop };
    }
    throw error;
  } finally {
    turn.end();
    conversation.add({ role: "assistant", text: turn.answer.trimStart() });
  }
}

/** Messages that came while an answer was given: what was said of it is remembered, and they are answered next. */
async function takeIn(turn: Turn, said: readonly string[]): Promise<void> {
  turn.conversation.add({ role: "assistant", text: turn.answer.trimStart() });
  for (const text of said) {
    turn.conversation.add({ role: "user", text });
  }
  turn.goOn();
  await untilCut(turn, async () => {
    const { text, directives } = parsePrompt(said.join("\n"));
    await runSteps(turn, directives);
    await turn.say(answerToSteering(text === "" ? said.join(" ") : text));
  });
}

/** Runs it to its end, or until a message comes in. Rejects when the turn is cancelled. */
async function untilCut(turn: Turn, run: () => Promise<void>): Promise<void> {
  try {
    await run();
  } catch (error) {
    if (!turn.signal.aborted || turn.cancelled.aborted || error instanceof RequestError) {
      throw error;
    }
  }
  turn.cancelled.throwIfAborted();
}

function hang(mode: string): Directive {
  return { name: "hang", args: mode.split(" ") };
}

/** A message that comes in cuts what is said, not what is to be done. */
async function runSteps(turn: Turn, directives: readonly Directive[]): Promise<void> {
  for (const { name, args } of directives) {
    if (SETTINGS.has(name) || (turn.signal.aborted && !DEEDS.has(name))) {
      continue;
    }
    const step = STEPS[name] ?? (() => turn.say(`I know no directive [[${name}]].`));
    await untilCut(turn, () => step(turn, args));
  }
  turn.signal.throwIfAborted();
}

async function giveAnswer(
  turn: Turn,
  heard: string,
  directives: readonly Directive[],
): Promise<void> {
  if (heard === "" && turn.spoke) {
    return;
  }
  const earlier = turn.conversation.messages.slice(0, -1);
  const withPlan = !directives.some(({ name }) => name === "plan");
  if (withPlan) {
    await sendPlan(turn, ANSWER_PLAN, 1);
  }
  await turn.say(answerTo(heard, earlier));
  if (withPlan) {
    await sendPlan(turn, ANSWER_PLAN, 2);
  }
}

/** Words stand in for tokens. */
function usageOf(conversation: Conversation, answer: string) {
  const inputTokens = conversation.messages.reduce((sum, { text }) => sum + wordsIn(text), 0);
  const outputTokens = wordsIn(answer);
  return { inputTokens, outputTokens, totalTokens: inputTokens + outputTokens };
}

function wordsIn(text: string): number {
  return text.split(/\s+/).filter(Boolean).length;
}
