import { afterEach, expect, it } from "vitest";
import { openSystem, type TestSystem } from "./open-system.ts";

let system: TestSystem | undefined;
afterEach(() => system?.stop());

it("answers with the reason and the end of stderr where the agent cannot start", async () => {
  system = await openSystem({
    config: `
[acp]
agent = "broken"
[agents.broken]
command = ["sh", "-c", "echo no licence found >&2; exit 3"]
`,
  });
  const prompt = await system.ask("ops", "hello");
  expect(prompt.state).toBe("failed");
  expect(prompt.error?.code).toBe("agent_start_failed");
  expect(prompt.error?.stderr).toContain("no licence found");
});

it("names every fault of the configuration at once, and listens to nothing", async () => {
  const failure = await openSystem({
    config: `
[http]
port = "many"
[acp]
agent = "nobody"
colour = 3
`,
  }).catch((error: Error) => error);
  expect(failure).toBeInstanceOf(Error);
  const text = (failure as Error).message;
  expect(text).toContain("ended with 78");
  expect(text).toContain("acp.colour");
});
