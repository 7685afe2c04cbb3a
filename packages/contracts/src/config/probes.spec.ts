import { tmpdir } from "node:os";
import { expect, it } from "vitest";
import { loadConfig } from "./load-config.ts";

const load = (flags: Record<string, Record<string, unknown>>, env = {}) =>
  loadConfig({ env, cwd: tmpdir(), flags });

it("watches the default agent and what the configuration names, every 15 minutes", () => {
  const { watchedAgents, probeEveryMs, deadlines } = load({
    acp: { agent: "claude" },
    agents: { mine: { command: ["mine"] } },
  });
  expect(watchedAgents).toEqual(["claude", "mine"]);
  expect(probeEveryMs).toBe(900_000);
  expect(deadlines.probeMs).toBe(30_000);
  expect(load({}).watchedAgents).toEqual(["demo"]);
});

it("probes an agent as the file says, else as is known for it, else by starting it", () => {
  const { agents } = load(
    {
      agents: {
        mine: { command: ["mine"], probe: { command: ["mine", "--check"] } },
        far: { command: ["far"], probe: { http: "http://127.0.0.1:1/health" } },
        plain: { command: ["plain"] },
      },
    },
    { OLLAMA_HOST: "gpu:1" },
  );
  expect(agents.mine?.probe).toEqual({ command: ["mine", "--check"] });
  expect(agents.far?.probe).toEqual({ http: "http://127.0.0.1:1/health" });
  expect(agents.plain?.probe).toBeUndefined();
  expect(agents.demo?.probe).toBeUndefined();
  expect(agents.ollama?.probe).toEqual({ http: "http://gpu:1/api/tags" });
  expect(
    load({ agents: { ollama: { set: { OLLAMA_HOST: "other:2" } } } }).agents.ollama?.probe,
  ).toEqual({ http: "http://other:2/api/tags" });
});

it.each([
  [{}, "needs either a command or an http address"],
  [{ command: ["a"], http: "http://a" }, "needs either a command or an http address"],
  [{ http: "ftp://a" }, "must be an http:// or https:// URL"],
  [{ shell: "x" }, "agents.mine.probe.shell: is not a known setting"],
])("refuses the probe %j", (probe, fault) => {
  expect(() => load({ agents: { mine: { command: ["mine"], probe } } })).toThrow(fault);
});
