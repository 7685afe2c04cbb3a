import { Agent, request } from "node:http";

/** Kept-alive connections, as a bot that sends many prompts has them. */
const connections = new Agent({ keepAlive: true, maxSockets: 256 });

export interface PromptTarget {
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** How one streamed prompt went; times in ms from the moment its request was written. */
export interface StreamedPrompt {
  readonly firstEventMs: number;
  /** The first bytes that carry something the agent said. */
  readonly firstTokenMs: number;
  readonly totalMs: number;
  /** Everything the agent said. */
  readonly text: string;
}

/**
 * Posts a prompt and reads the answer as it streams.
 *
 * @throws Error where the answer is not 200 or ends without a word of the agent.
 */
export async function streamPrompt(target: PromptTarget, prompt: string): Promise<StreamedPrompt> {
  const body = JSON.stringify({ prompt });
  return await new Promise((resolve, reject) => {
    const call = request(target.url, {
      method: "POST",
      agent: connections,
      headers: {
        "content-type": "application/json",
        "content-length": Buffer.byteLength(body),
        accept: "text/event-stream",
        ...target.headers,
      },
    });
    call.once("error", reject);
    call.once("response", (response) => {
      let received = "";
      let firstEventMs: number | undefined;
      let firstTokenMs: number | undefined;
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        const at = performance.now() - written;
        received += chunk;
        if (firstEventMs === undefined && received.includes("data:")) {
          firstEventMs = at;
        }
        if (firstTokenMs === undefined && received.includes("agent_message_chunk")) {
          firstTokenMs = at;
        }
      });
      response.once("error", reject);
      response.once("end", () => {
        const totalMs = performance.now() - written;
        if (firstEventMs === undefined || firstTokenMs === undefined) {
          reject(new Error(`${target.url}: ${response.statusCode} without an answer: ${received}`));
          return;
        }
        resolve({ firstEventMs, firstTokenMs, totalMs, text: spokenText(received) });
      });
    });
    const written = performance.now();
    call.end(body);
  });
}

function spokenText(stream: string): string {
  return stream
    .split("\n")
    .filter((line) => line.startsWith("data:"))
    .map((line) => JSON.parse(line.slice(5)).update)
    .filter((update) => update?.sessionUpdate === "agent_message_chunk")
    .map((update) => update.content.text)
    .join("");
}
