import { type Prompt, promptSchema, type SessionView } from "@pilotlight/contracts";
import {
  type RunningPilotlight,
  type StartPilotlightOptions,
  startPilotlight,
} from "@pilotlight/testkit";

/** A whole system with the few calls that the tests of this folder share. */
export interface TestSystem extends RunningPilotlight {
  post(channel: string, prompt: string, headers?: Record<string, string>): Promise<Response>;
  /** Sends a prompt and waits for its end. */
  ask(channel: string, prompt: string): Promise<Prompt>;
  /** Hands in a prompt with everything that a request may say; its id. */
  send(channel: string, body: object): Promise<string>;
  prompt(id: string): Promise<Prompt>;
  /** Process ids of the workers. */
  workerPids(): Promise<number[]>;
  /** Reads the record again and again until it is final. */
  finished(id: string): Promise<Prompt>;
  sessions(): Promise<readonly SessionView[]>;
}

const FINAL = ["completed", "failed", "cancelled", "interrupted"];

export async function openSystem(options: StartPilotlightOptions = {}): Promise<TestSystem> {
  const system = await startPilotlight(options);

  const post: TestSystem["post"] = (channel, prompt, headers = {}) =>
    system.fetch(`/v1/channels/${encodeURIComponent(channel)}/prompts`, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify({ prompt }),
    });

  const prompt: TestSystem["prompt"] = async (id) => {
    const response = await system.fetch(`/v1/prompts/${id}`);
    if (!response.ok) {
      throw new Error(`GET prompt ${id}: ${response.status} ${await response.text()}`);
    }
    return promptSchema.parse(await response.json());
  };

  const finished: TestSystem["finished"] = async (id) => {
    const deadline = Date.now() + 60_000;
    for (;;) {
      const record = await prompt(id);
      if (FINAL.includes(record.state)) {
        return record;
      }
      if (Date.now() > deadline) {
        throw new Error(`prompt ${id} is still ${record.state}\n${system.output()}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  };

  return {
    ...system,
    post,
    async send(channel, body) {
      const response = await system.fetch(`/v1/channels/${encodeURIComponent(channel)}/prompts`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      });
      const answer = (await response.json()) as { id?: string };
      if (answer.id === undefined) {
        throw new Error(`POST ${channel}: ${response.status} ${JSON.stringify(answer)}`);
      }
      return answer.id;
    },
    prompt,
    async workerPids() {
      const response = await system.fetch("/v1/workers");
      return ((await response.json()) as { items: { pid: number }[] }).items.map(({ pid }) => pid);
    },
    finished,
    async ask(channel, text) {
      const response = await post(channel, text, { prefer: "wait=60" });
      const body = await response.json();
      if (response.status !== 200) {
        throw new Error(`POST ${channel}: ${response.status} ${JSON.stringify(body)}`);
      }
      return promptSchema.parse(body);
    },
    async sessions() {
      const response = await system.fetch("/v1/sessions");
      return ((await response.json()) as { items: SessionView[] }).items;
    },
  };
}
