import { newApiKey, promptSchema } from "@pilotlight/contracts";
import { type RunningPilotlight, startPilotlight, waitUntil } from "@pilotlight/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runCli } from "./run-cli.ts";
import { startCli } from "./start-cli.ts";

let system: RunningPilotlight;
beforeAll(async () => {
  system = await startPilotlight({
    config: `
[workers]
drain_secs = 1
[agents.demo]
set = { DEMO_CHUNK_MS = "0" }
`,
  });
});
afterAll(() => system.stop());

const at = () => ["--data-dir", system.dataDir];
const run = (...args: string[]) => runCli([...args, ...at()]);
const jsonLines = (text: string) =>
  text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);

describe("prompt", () => {
  it("prints the answer alone on stdout, and how it came about on stderr", async () => {
    const first = await run("prompt", "talk", "hello");
    expect(first.code).toBe(0);
    expect(first.stdout).toMatch(/^You said: "hello".*\n$/);
    expect(first.stderr).toContain("demo, fresh session");
    const second = await run("prompt", "talk", "[[plan 2]] [[tool ls]] again");
    expect(second.stdout).toContain("hello");
    expect(second.stderr).toContain("demo, warm session");
    expect(second.stderr).toContain("plan: 1/2 done, Step 2 of 2");
    expect(second.stderr).toContain("tool:");
  });

  it("reads the prompt from stdin", async () => {
    const cli = startCli(["prompt", "stdin", "-", ...at()], "line one\nline two");
    expect(await cli.exit).toBe(0);
    expect(cli.stdout()).toContain("line one");
  });

  it("prints one event a line for programs, and nothing else", async () => {
    const { code, stdout, stderr } = await run("prompt", "json", "hello", "--json");
    const events = jsonLines(stdout);
    expect(code).toBe(0);
    expect(stderr).toBe("");
    expect(events[0]?.type).toBe("accepted");
    expect(events.at(-1)?.type).toBe("completed");
    expect(new Set(events.map((event) => event.promptId)).size).toBe(1);
  });

  it("has the mode that is given, or that its channel is set to", async () => {
    const set = await run(
      ...["channel", "set", "modes", "--mode", "collect", "--collect-secs", "0.2"],
      ...["--collect-most", "5", "--steer-fallback", "interrupt", "--json"],
    );
    expect(JSON.parse(set.stdout).settings).toEqual({
      mode: "collect",
      collectSecs: 0.2,
      collectMost: 5,
      steerFallback: "interrupt",
    });
    const collected = promptSchema.parse(
      JSON.parse((await run("prompt", "modes", "hello", "--record")).stdout),
    );
    expect(collected).toMatchObject({ state: "completed", mode: "collect", delivery: "queued" });
    const steered = await run("prompt", "modes", "hello", "--mode", "steer", "--record");
    expect(JSON.parse(steered.stdout)).toMatchObject({ mode: "steer", delivery: "queued" });
  });

  it("prints the record of the finished prompt where that is wanted", async () => {
    const { stdout } = await run("prompt", "record", "hello", "--record");
    const prompt = promptSchema.parse(JSON.parse(stdout));
    expect(prompt).toMatchObject({ state: "completed", surface: "cli", channel: "record" });
  });

  it("exits with 1 and the reason where the turn fails", async () => {
    const { code, stderr } = await run("prompt", "broken", "[[crash]]");
    expect(code).toBe(1);
    expect(stderr).toMatch(/failed: .*\[agent_exited\]/);
  });

  it("only hands it in where nobody waits, once for one key", async () => {
    const handIn = () => run("prompt", "later", "hello", "--no-wait", "--idempotency-key", "k");
    const [first, second] = [await handIn(), await handIn()];
    expect(first.stdout).toMatch(/^p_\w{26}\n$/);
    expect(second.stdout).toBe(first.stdout);
  });

  it("says why events of it are sent nowhere", async () => {
    const { code, stderr } = await run(
      "prompt",
      "told",
      "hello",
      "--callback",
      "https://a.example",
    );
    expect(code).toBe(64);
    expect(stderr).toContain("callbacks are not configured here");
  });

  it("is not run before its time where it has one", async () => {
    const handedInAt = Date.now();
    const waited = await run("prompt", "patient", "hello", "--not-before", "2");
    expect(waited.code).toBe(0);
    expect(waited.stdout).toContain("hello");
    expect(waited.stderr).toMatch(/waits until \d{4}-\d\d-\d\dT/);
    expect(Date.now() - handedInAt).toBeGreaterThanOrEqual(2000);
    const soon = new Date(Date.now() + 86_400_000).toISOString();
    await run("prompt", "patient", "later", "--no-wait", "--not-before", soon);
    const { stdout } = await run("history", "patient", "--limit", "1", "--json");
    expect(JSON.parse(stdout).items).toMatchObject([
      { state: "accepted", waitingFor: "time", notBefore: Date.parse(soon) },
    ]);
  });

  it("says what it is queued behind, and detaches at Ctrl-C without ending the turn", async () => {
    const blocking = startCli(["prompt", "queue", "[[slow 60000]]", ...at()]);
    await waitUntil("it runs", () => blocking.stderr().includes("session"));
    const queued = startCli(["prompt", "queue", "next", ...at()]);
    await waitUntil("it says so", () => queued.stderr().includes("queued behind 1"));
    for (const cli of [queued, blocking]) {
      // A terminal's Ctrl-C arrives twice where a wrapper passes it on.
      cli.child.kill("SIGINT");
      cli.child.kill("SIGINT");
      expect(await cli.exit).toBe(130);
      expect(cli.stderr()).toMatch(/pilotlight tail queue --after \d+-\d+/);
    }
    const { stdout } = await run("history", "queue", "--json");
    const { items } = JSON.parse(stdout) as { items: { state: string }[] };
    expect(items.map((item) => item.state)).toEqual(["accepted", "running"]);
  });

  it("says that a session is being opened while that takes long", async () => {
    const slow = await startPilotlight({
      config: `
[agents.demo]
set = { DEMO_START_MS = "2500", DEMO_CHUNK_MS = "0" }
`,
    });
    try {
      const { stderr } = await runCli(["prompt", "cold", "hi", "--data-dir", slow.dataDir]);
      expect(stderr).toContain("opening demo session…");
    } finally {
      await slow.stop();
    }
  });

  it("says that no worker is running", async () => {
    const idle = await startPilotlight({ args: ["--workers", "0"] });
    try {
      const cli = startCli(["prompt", "lonely", "hi", "--data-dir", idle.dataDir]);
      await waitUntil("it says so", () => cli.stderr().includes("no worker is running"));
      cli.child.kill("SIGINT");
      await cli.exit;
      const { stdout } = await runCli(["ps", "--data-dir", idle.dataDir]);
      expect(stdout).toContain("no worker is running");
    } finally {
      await idle.stop();
    }
  });
});

describe("tail", () => {
  it("shows a channel's turns, from its log on, until Ctrl-C", async () => {
    await run("prompt", "tailed", "first thing");
    const cli = startCli(["tail", "tailed", "--after", "0-0", ...at()]);
    await waitUntil("it shows what was", () => cli.stdout().includes('You said: "first thing"'));
    await waitUntil("it says whose", () => cli.stderr().includes("> first thing  (cli, p_"));
    await run("prompt", "tailed", "second thing");
    await waitUntil("it shows what comes", () => cli.stdout().includes("second thing"));
    cli.child.kill("SIGINT");
    expect(await cli.exit).toBe(0);
  });
});

describe("history", () => {
  it("shows past prompts, newest first, with state and timings", async () => {
    await run("prompt", "past", "one");
    await run("prompt", "past", "two\nlines");
    const { stdout } = await run("history", "past");
    const [header, newest, oldest] = stdout.split("\n");
    expect(header).toMatch(
      /^ACCEPTED \(UTC\) +STATE +DELIVERY +OPENED +QUEUED +FIRST +TOOK +ID +PROMPT$/,
    );
    expect(newest).toMatch(/completed +queued +warm .* p_\w{26} +two lines$/);
    expect(oldest).toMatch(/completed +queued +fresh .* p_\w{26} +one$/);
    expect((await run("history", "past", "--limit", "1")).stdout.trim().split("\n")).toHaveLength(
      2,
    );
    expect((await run("history", "past", "--state", "failed")).stdout).toContain("no prompts");
  });
});

describe("ps", () => {
  it("shows the workers and their sessions", async () => {
    await run("prompt", "shown", "hello");
    const { stdout } = await run("ps");
    expect(stdout).toMatch(/^WORKER +STATE +SESSIONS +STANDBY /);
    expect(stdout).toMatch(/ running +\d+\/\d+ +0 ready, 0 taken, \d+ missed +\d+ MB /);
    expect(stdout).toMatch(/\nshown +warm +[\d.]+ m?s +demo +\d+ /);
    const parsed = JSON.parse((await run("ps", "--json")).stdout);
    expect(parsed.workers).toHaveLength(1);
    expect(parsed.sessions).toContainEqual(expect.objectContaining({ channel: "shown" }));
  });
});

describe("what cannot be done", () => {
  it.each([
    ["a wrong key", ["ps", "--key", newApiKey()], 77, "[unauthenticated]"],
    ["a channel that is none", ["prompt", "a/b", "x"], 64, "[invalid_channel]"],
    ["a time that is none", ["prompt", "a", "x", "--not-before", "soon"], 64, "must be a time"],
    ["an empty prompt", ["prompt", "a", ""], 64, "[prompt_required]"],
    ["a missing prompt", ["prompt", "a"], 64, "missing required argument"],
    ["a limit that is none", ["history", "a", "--limit", "0"], 64, "from 1 to"],
    ["a state that is none", ["history", "a", "--state", "done"], 64, "Allowed choices"],
    ["a URL that is none", ["ps", "--url", "nowhere"], 64, "http"],
    ["an unknown option", ["ps", "--nope"], 64, "unknown option"],
    ["a default set again", ["channel", "set", "a", "--unset", "cwd"], 64, "cwd is not set"],
  ])("is told in one line for %s", async (_, args, code, text) => {
    const outcome = await run(...args);
    expect(outcome.code).toBe(code);
    expect(outcome.stderr).toContain(text);
    expect(outcome.stderr).not.toMatch(/\n\s+at /);
    expect(outcome.stdout).toBe("");
  });

  it("is told where nobody listens", async () => {
    const outcome = await run("ps", "--url", "http://127.0.0.1:65000");
    expect(outcome.code).toBe(69);
    expect(outcome.stderr).toContain("ECONNREFUSED");
  });

  it("is told where there is no key", async () => {
    const outcome = await runCli(["ps"]);
    expect(outcome.code).toBe(78);
    expect(outcome.stderr).toContain("no API key");
  });
});
