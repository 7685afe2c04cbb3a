import { freePort, startFakeOllama } from "@pilotlight/testkit";
import { expect, it, onTestFinished } from "vitest";
import type { Finding } from "../src/doctor/finding.ts";
import { runCli, testDir } from "./run-cli.ts";

const nobody = `http://127.0.0.1:${await freePort()}`;

async function doctor(env: Readonly<Record<string, string>>) {
  const { code, stdout } = await runCli(["doctor", "--json", "--data-dir", testDir()], {
    PILOTLIGHT_HTTP_PORT: "0",
    ...env,
  });
  const findings = JSON.parse(stdout) as Finding[];
  return { code, agent: (what: string) => findings.find((finding) => finding.what === what) };
}

it("asks the server that an agent stands in front of before it calls the agent found", async () => {
  const ollama = await startFakeOllama();
  onTestFinished(() => ollama.close());
  const running = await doctor({ OLLAMA_HOST: ollama.url });
  expect(running.agent("agent ollama")).toMatchObject({ level: "ok", detail: "found" });

  const away = await doctor({ OLLAMA_HOST: nobody });
  expect(away.code).toBe(0);
  expect(away.agent("agent ollama")).toMatchObject({
    level: "warn",
    detail: expect.stringContaining(`${nobody}/api/tags cannot be reached (ECONNREFUSED)`),
  });

  const needed = await doctor({ OLLAMA_HOST: nobody, PILOTLIGHT_ACP_AGENT: "ollama" });
  expect(needed.code).toBe(1);
  expect(needed.agent("agent ollama (default)")).toMatchObject({ level: "fail" });
});

it("says where a key has to be, and that a sign-in elsewhere does not help", async () => {
  const without = await doctor({ OLLAMA_HOST: nobody });
  const { detail } = without.agent("agent claude") ?? {};
  expect(detail).toContain("none of ANTHROPIC_API_KEY, ANTHROPIC_AUTH_TOKEN is set");
  expect(detail).toContain("CLAUDE_CONFIG_DIR, so a sign-in with claude itself is not seen");
  const having = await doctor({ OLLAMA_HOST: nobody, ANTHROPIC_API_KEY: "sk-test" });
  expect(having.agent("agent claude")?.detail).not.toContain("is set");
});
