import { expect, test } from "vitest";
import { agentEnvironment } from "./agent-environment.ts";

const agent = {
  name: "some",
  command: ["some"],
  env: ["SOME_KEY", "SOME_PREFIX_*"],
  set: { ALWAYS: "1", LANG: "C" },
  configDirEnv: "SOME_HOME",
  asksBeforeChanges: false,
};

test("the agent sees common variables, its own by name or prefix, and nothing else of ours", () => {
  const source = {
    PATH: "/bin",
    HOME: "/home/me",
    LC_TIME: "de",
    LANG: "de_DE",
    https_proxy: "http://proxy",
    SOME_KEY: "k",
    SOME_KEY_TOO: "no",
    SOME_PREFIX_A: "a",
    REDIS_URL: "redis://:password@host",
    PILOTLIGHT_HTTP_PORT: "1",
    NODE_OPTIONS: "--inspect",
    UNSET: undefined,
  };
  expect(agentEnvironment({ agent, source, configDir: "/config" })).toEqual({
    PATH: "/bin",
    HOME: "/home/me",
    LC_TIME: "de",
    LANG: "C",
    https_proxy: "http://proxy",
    SOME_KEY: "k",
    SOME_PREFIX_A: "a",
    ALWAYS: "1",
    SOME_HOME: "/config",
  });
});

test("an inherited configuration directory never wins over the channel's own", () => {
  const env = agentEnvironment({
    agent: { ...agent, env: ["SOME_HOME"], set: { SOME_HOME: "/set" } },
    source: { SOME_HOME: "/inherited" },
    configDir: "/config",
  });
  expect(env.SOME_HOME).toBe("/config");
});
