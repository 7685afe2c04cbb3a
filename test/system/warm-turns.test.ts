import { isAlive, waitUntil } from "@pilotlight/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openSystem, type TestSystem } from "./open-system.ts";

let system: TestSystem;
beforeAll(async () => {
  system = await openSystem({
    config: `
[agents.demo]
set = { DEMO_START_MS = "1500", DEMO_CHUNK_MS = "0" }
[workers]
drain_secs = 1
`,
  });
});
afterAll(() => system.stop());

describe("a channel's session", () => {
  it("is opened once, stays warm, and remembers", async () => {
    const first = await system.ask("talk", "my number is 42");
    const second = await system.ask("talk", "and now?");
    expect(first.session?.opened).toBe("fresh");
    expect(first.timings.openMs).toBeGreaterThanOrEqual(1500);
    expect(second.session).toEqual({ ...first.session, opened: "warm" });
    expect(second.text).toContain("my number is 42");
    expect(second.timings.openMs).toBeUndefined();
  });

  it("is not shared between channels", async () => {
    await system.ask("left", "the word is apple");
    const other = await system.ask("right", "[[recall]]");
    expect(other.text).not.toContain("apple");
  });

  it("is resumed with what was said when its agent was killed between turns", async () => {
    const before = await system.ask("killed", "my number is 7");
    const pid = (await system.sessions()).find((each) => each.channel === "killed")?.pid ?? 0;
    process.kill(pid, "SIGKILL");
    const after = await system.ask("killed", "two");
    expect(after.state).toBe("completed");
    expect(after.session).toEqual({ ...before.session, opened: "resumed" });
    expect(after.text).toContain("my number is 7");
  });

  it("opens ahead when asked to, and closes with its process when told to", async () => {
    await system.fetch("/v1/channels/ahead/warm", { method: "POST" });
    const pid = await waitUntil("the session is warm", async () => {
      const session = (await system.sessions()).find((each) => each.channel === "ahead");
      return session?.state === "warm" ? session.pid : undefined;
    });
    expect((await system.ask("ahead", "hello")).session?.opened).toBe("warm");
    await system.fetch("/v1/channels/ahead/cool", { method: "POST" });
    await waitUntil("the session is gone", async () => {
      return (await system.sessions()).every((each) => each.channel !== "ahead");
    });
    expect(isAlive(pid)).toBe(false);
  });
});

describe("a turn", () => {
  it("fails with the reason when the agent crashes in it again and again; the channel rests until it is reset", async () => {
    const crashed = await system.ask("crash", "[[stderr out of luck]] [[crash 7]]");
    expect(crashed.state).toBe("failed");
    expect(crashed.error?.code).toBe("agent_exited");
    expect(crashed.error?.stderr).toContain("out of luck");
    const next = await system.send("crash", { prompt: "again" });
    expect(await system.prompt(next)).toMatchObject({
      state: "accepted",
      waitingFor: "recovery",
      waitingReason: expect.stringContaining("out of luck"),
    });
    await system.fetch("/v1/channels/crash/reset", { method: "POST" });
    expect((await system.finished(next)).state).toBe("completed");
  });

  it("does not hold up other channels while it hangs", async () => {
    const hanging = await system.post("hang", "[[hang silent]]");
    expect(hanging.status).toBe(202);
    expect((await system.ask("talk", "still there?")).state).toBe("completed");
  });
});

describe("acceptance", () => {
  it("takes 100 requests with one idempotency key for one prompt", async () => {
    const responses = await Promise.all(
      Array.from({ length: 100 }, () => system.post("once", "do it", { "idempotency-key": "k1" })),
    );
    const ids = await Promise.all(
      responses.map(async (response) => ((await response.json()) as { id: string }).id),
    );
    expect(new Set(ids).size).toBe(1);
    const page = await system.fetch("/v1/prompts?channel=once");
    expect(((await page.json()) as { items: unknown[] }).items).toHaveLength(1);
  });
});
