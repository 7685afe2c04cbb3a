import type { Arm } from "../harness/arm.ts";
import type { SentAndHeard } from "../harness/exactness.ts";
import { type PromptTarget, type StreamedPrompt, streamPrompt } from "../harness/stream-prompt.ts";

/** Something that takes prompts over HTTP and streams the answers. */
export interface Gateway {
  readonly name: string;
  target(channel: string): PromptTarget;
  stop(): Promise<void>;
}

/** An arm that asks the gateway's channels in turn. What was sent and heard is added to `answers`. */
export function promptArm(
  gateway: Gateway,
  channels: readonly string[],
  answers: SentAndHeard[],
): Arm<StreamedPrompt> {
  let sentCount = 0;
  return {
    name: gateway.name,
    async sample() {
      const channel = channels[sentCount % channels.length] ?? "";
      sentCount += 1;
      const sent = `${gateway.name} ${channel} prompt ${sentCount}`;
      const answer = await streamPrompt(gateway.target(channel), sent);
      answers.push({ channel, sent, heard: answer.text });
      return answer;
    },
    stop: () => gateway.stop(),
  };
}
