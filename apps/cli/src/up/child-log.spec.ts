import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { createChildLog } from "./child-log.ts";

function childLog() {
  const dataDir = mkdtempSync(join(tmpdir(), "pilotlight-log-"));
  onTestFinished(() => rmSync(dataDir, { recursive: true, force: true }));
  const shown: string[] = [];
  const log = createChildLog(dataDir, "ingress", (line) => shown.push(line));
  return { log, shown, directory: join(dataDir, "logs") };
}

it("keeps every line in a file of its user's, and shows only what is worth a look", () => {
  const { log, shown, directory } = childLog();
  const lines = [
    '{"level":30,"msg":"all is well"}',
    '{"level":40,"msg":"it is late","err":{"message":"no answer"}}',
    "a line of another form",
  ];
  lines.forEach(log);
  expect(readFileSync(join(directory, "ingress.log"), "utf8")).toBe(`${lines.join("\n")}\n`);
  expect(statSync(join(directory, "ingress.log")).mode & 0o777).toBe(0o600);
  expect(shown).toEqual(["ingress: it is late: no answer", "ingress: a line of another form"]);
});

it("keeps one full file besides the current one, however much is logged", () => {
  const { log, directory } = childLog();
  const line = JSON.stringify({ level: 30, msg: "x".repeat(1_000_000) });
  for (let i = 0; i < 35; i += 1) {
    log(line);
  }
  expect(readdirSync(directory).sort()).toEqual(["ingress.log", "ingress.log.1"]);
  for (const file of readdirSync(directory)) {
    expect(statSync(join(directory, file)).size).toBeLessThan(12_000_000);
  }
});
