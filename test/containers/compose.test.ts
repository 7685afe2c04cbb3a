import { waitUntil } from "@pilotlight/testkit";
import { GenericContainer } from "testcontainers";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { type ComposeSystem, startComposeSystem } from "./compose-system.ts";

const image = inject("image");

/** About ten seconds of talking. */
const LONG_TURN = "[[chunk-ms 100]] [[words 100]]";
const HEALTH = ["node", "apps/worker/src/health-main.ts"];

describe.skipIf(image === "")("the compose file", () => {
  let system: ComposeSystem;

  beforeAll(async () => {
    // One to be killed, one to be stopped, and two that are left.
    system = await startComposeSystem(image, 4);
  });
  afterAll(async () => {
    await system?.down();
  });

  /** A turn that has begun to talk; its id. */
  async function talking(channel: string): Promise<string> {
    const { id } = await system.client.enqueue(channel, { prompt: LONG_TURN });
    for await (const { type } of system.client.streamPrompt(id)) {
      if (type === "update") {
        break;
      }
    }
    return id;
  }

  it("serves prompts by healthy containers that are not root's", async () => {
    expect((await system.ask("first", "hello")).text).toContain("hello");
    for (const service of ["ingress", "board", "worker"]) {
      for (const container of await system.containers(service)) {
        expect((await system.run(container, ["id", "-u"])).output.trim()).not.toBe("0");
      }
    }
  });

  it("gives the API key to no worker, and says how agents end there", async () => {
    const [container = ""] = await system.containers("worker");
    expect((await system.run(container, ["env"])).output).not.toContain("PILOTLIGHT_API_KEY");
    const { output } = await system.run(container, ["node", "apps/cli/src/main.ts", "doctor"]);
    expect(output).toMatch(/^ok +containment: .*(end with this container|pid namespaces)/m);
  });

  it("lets a turn go on in another container when its own is killed", async () => {
    await system.ask("killed", "remember me");
    const id = await talking("killed");
    const before = await system.containerOf("killed");
    await system.kill(before);
    const prompt = await system.answered(id);
    expect(prompt.state).toBe("completed");
    expect(prompt.attempts).toHaveLength(2);
    expect(prompt.session?.opened).toBe("resumed");
    expect(await system.containerOf("killed")).not.toBe(before);
    expect((await system.ask("killed", "[[recall]]")).text).toContain("remember me");
  });

  it("lets a worker that is stopped finish its turn, and another one go on with the conversation", async () => {
    await system.ask("stopped", "remember me");
    const id = await talking("stopped");
    expect(await system.stop(await system.containerOf("stopped"))).toBe(0);
    const prompt = await system.answered(id);
    expect(prompt.state).toBe("completed");
    expect(prompt.attempts).toHaveLength(1);
    const next = await system.ask("stopped", "[[recall]]");
    expect(next.session?.opened).toBe("resumed");
    expect(next.text).toContain("remember me");
  });

  it("keeps what was accepted on Redis's volume when its container is killed and replaced", async () => {
    await system.scale(0);
    const accepted = [];
    for (const text of ["one", "two", "three"]) {
      accepted.push(await system.client.enqueue("queue", { prompt: text }));
    }
    const [redis = ""] = await system.containers("redis");
    await system.kill(redis);
    await system.remove(redis);
    await system.scale(1);
    const answers = await Promise.all(accepted.map(({ id }) => system.answered(id)));
    expect(answers.map(({ state }) => state)).toEqual(["completed", "completed", "completed"]);
    expect(answers[2]?.text).toContain('Before that you said: "two"');
  });

  it("calls a worker that Redis does not reach unhealthy", async () => {
    const [worker = ""] = await system.containers("worker");
    expect(await system.run(worker, HEALTH)).toMatchObject({ exitCode: 0 });
    const [redis = ""] = await system.containers("redis");
    await system.kill(redis);
    expect(await system.run(worker, HEALTH)).toMatchObject({ exitCode: 1 });
    await system.scale(1);
    await waitUntil("it is healthy again", async () => {
      return (await system.run(worker, HEALTH)).exitCode === 0;
    });
  });

  it("retells the conversation where workers have nothing but the address of Redis", async () => {
    const startAlone = () =>
      new GenericContainer(image)
        .withNetworkMode(`${system.project}_default`)
        .withEnvironment({ REDIS_URL: system.redisUrl })
        .start();
    const soleWorker = () =>
      waitUntil("it is the only worker", async () => {
        return (await system.client.listWorkers()).length === 1;
      });
    await system.scale(0);
    const first = await startAlone();
    try {
      await soleWorker();
      await system.ask("alone", "my name is Ada");
    } finally {
      await first.stop({ timeout: 30_000 });
    }
    const second = await startAlone();
    try {
      await soleWorker();
      const prompt = await system.ask("alone", "who am I?");
      expect(prompt.session?.opened).toBe("recap");
      expect(prompt.text).toContain("I was given a recap");
    } finally {
      await second.stop({ timeout: 30_000 });
    }
  });
});
