import { Agent, request } from "node:http";

/** Where a bot sends prompts, and where it answers what comes back. */
export interface AskingTarget {
  readonly promptsUrl: string;
  answerUrl(questionId: string): string;
  readonly headers?: Readonly<Record<string, string>>;
}

const connections = new Agent({ keepAlive: true });

/**
 * Sends a prompt and answers each question of its stream at once, as a bot does. Gives what the agent said.
 *
 * @throws Error where a request is refused, or the agent said nothing
 */
export async function answerAtOnce(target: AskingTarget, prompt: string): Promise<string> {
  const answers: Promise<void>[] = [];
  let said = "";
  await post(target.promptsUrl, { prompt }, target.headers, (event, data) => {
    if (event === "permission" && data.question.state === "pending") {
      answers.push(post(target.answerUrl(data.question.id), { optionId: "allow" }, target.headers));
    }
    if (data.update?.sessionUpdate === "agent_message_chunk") {
      said += data.update.content.text;
    }
  });
  await Promise.all(answers);
  if (said === "") {
    throw new Error(`${target.promptsUrl}: the agent said nothing`);
  }
  return said;
}

type OnEvent = (
  event: string,
  // biome-ignore lint/suspicious/noExplicitAny: events of two servers, read for one field each
  data: any,
) => void;

async function post(
  url: string,
  body: object,
  headers: Readonly<Record<string, string>> | undefined,
  onEvent?: OnEvent,
): Promise<void> {
  const text = JSON.stringify(body);
  await new Promise<void>((resolve, reject) => {
    const call = request(url, {
      method: "POST",
      agent: connections,
      headers: {
        "content-type": "application/json",
        "content-length": Buffer.byteLength(text),
        ...(onEvent === undefined ? {} : { accept: "text/event-stream" }),
        ...headers,
      },
    });
    call.once("error", reject);
    call.once("response", (response) => {
      let pending = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        pending += chunk;
        for (let end = pending.indexOf("\n\n"); end >= 0; end = pending.indexOf("\n\n")) {
          const frame = pending.slice(0, end);
          pending = pending.slice(end + 2);
          const event = /^event: ?(.*)$/m.exec(frame)?.[1];
          const data = /^data: ?(.*)$/m.exec(frame)?.[1];
          if (event !== undefined && data !== undefined) {
            onEvent?.(event, JSON.parse(data));
          }
        }
      });
      response.once("error", reject);
      response.once("end", () => {
        if (response.statusCode === 200) {
          resolve();
        } else {
          reject(new Error(`${url}: ${response.statusCode} ${pending}`));
        }
      });
    });
    call.end(text);
  });
}
