import { setTimeout as sleep } from "node:timers/promises";
import { isFinalPromptState, type Prompt, type PromptMode } from "@pilotlight/contracts";
import type { AcceptedPrompt } from "../check/history.ts";
import type { ChaosApi } from "./api.ts";

export interface LoadOptions {
  readonly prompts: number;
  readonly channels: number;
  /** Over which the prompts are spread. */
  readonly durationMs: number;
}

export interface Load {
  readonly accepted: AcceptedPrompt[];
  /** Resolves when everything was handed in. */
  readonly sent: Promise<void>;
  /** Reads every record until it is final, which is told, or the time is up. */
  settle(endsAtMs: () => number, onEnd: () => void): Promise<Record<string, Prompt>>;
}

const READ_EVERY_MS = 250;
const MOST_TOGETHER = 3;

/** Hands prompts in, on each channel one after the other: the order of acceptance is the order of handing in. */
export function startLoad(api: ChaosApi, options: LoadOptions, random: () => number): Load {
  const accepted: AcceptedPrompt[] = [];
  const perChannel = Math.ceil(options.prompts / options.channels);
  const pauseMs = options.durationMs / perChannel;

  async function feed(channel: string, count: number): Promise<void> {
    let together = 0;
    for (let number = 0; number < count; number += 1) {
      // What is to be collected comes together.
      together -= 1;
      const before = together > 0 ? 0 : pauseMs * (0.5 + random());
      const mode = together > 0 ? "collect" : modeOf(random());
      together = mode === "collect" && together <= 0 ? MOST_TOGETHER : together;
      await sleep(before);
      const key = `${channel}-${number}`;
      const { id, seq } = await api.accept(channel, promptFor(channel, key, random), key, mode);
      accepted.push({ id, channel, key, number, seq });
    }
  }

  const feeds = Array.from({ length: options.channels }, (_, i) =>
    feed(`c${i}`, Math.min(perChannel, Math.max(0, options.prompts - i * perChannel))),
  );
  const sent = Promise.all(feeds).then(() => undefined);
  sent.catch(() => undefined); // told to whoever waits for it
  return {
    accepted,
    sent,
    async settle(endsAtMs, onEnd) {
      const records: Record<string, Prompt> = {};
      const read = async (prompts: readonly AcceptedPrompt[]) => {
        for (const { id } of prompts) {
          for (;;) {
            const record = await api.read(id);
            records[id] = record;
            if (isFinalPromptState(record.state)) {
              onEnd();
              break;
            }
            if (performance.now() > endsAtMs()) {
              break;
            }
            await sleep(READ_EVERY_MS);
          }
        }
      };
      const channels = Map.groupBy(accepted, ({ channel }) => channel);
      await Promise.all([...channels.values()].map(read));
      return records;
    },
  };
}

/** Most wait for their place, and the others meet whatever runs. */
function modeOf(kind: number): PromptMode {
  return kind < 0.7 ? "queue" : kind < 0.85 ? "steer" : kind < 0.93 ? "collect" : "interrupt";
}

/** Alone on its channel, an effect that can be counted, and something to be interrupted in. */
function promptFor(channel: string, key: string, random: () => number): string {
  const kind = random();
  // Some turns take a second or more, so that most faults hit somebody at work, and a few outlive two lives of a lease:
  // whoever goes on with one that is not his any more is met by its next owner.
  const [chunkMs, words] =
    kind < 0.05 ? [200, 30] : [kind < 0.4 ? 50 : 5, 5 + Math.floor(random() * 40)];
  const tool = random() < 0.2 ? "[[child 30]] " : "";
  return `[[exclusive ${channel}]] ${tool}[[ledger ${channel} ${key}]] [[chunk-ms ${chunkMs}]] [[words ${words}]]`;
}
