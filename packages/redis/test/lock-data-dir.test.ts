import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { lockDataDir } from "../src/embedded/lock-data-dir.ts";
import { identityOf } from "../src/embedded/process-identity.ts";
import { testDir } from "./test-dir.ts";

it("refuses a directory that a living process holds, and names it", () => {
  const dir = testDir();
  const holder = identityOf(process.ppid);
  writeFileSync(join(dir, "lock"), JSON.stringify(holder));
  expect(() => lockDataDir(dir)).toThrow(new RegExp(`in use by process ${process.ppid};`));
  expect(readFileSync(join(dir, "lock"), "utf8")).toBe(JSON.stringify(holder));
});

it.each([
  ["a process that is gone", () => ({ pid: 2 ** 30, startedAt: "1" })],
  [
    "another process that has the pid by now",
    () => ({ ...identityOf(process.ppid), startedAt: "1" }),
  ],
  ["nobody", () => "half wri"],
])("takes over the lock of %s", (_who, content) => {
  const dir = testDir();
  writeFileSync(join(dir, "lock"), JSON.stringify(content()));
  const lock = lockDataDir(dir);
  expect(readFileSync(join(dir, "lock"), "utf8")).toContain(`"pid":${process.pid}`);
  lock.release();
  expect(existsSync(join(dir, "lock"))).toBe(false);
});

it("leaves a lock alone at release that is somebody else's by now", () => {
  const dir = testDir();
  const lock = lockDataDir(dir);
  writeFileSync(join(dir, "lock"), "another's");
  lock.release();
  expect(readFileSync(join(dir, "lock"), "utf8")).toBe("another's");
});

it("says that a directory cannot be made where a file stands", () => {
  const file = join(testDir(), "file");
  writeFileSync(file, "");
  expect(() => lockDataDir(join(file, "data"))).toThrow(/cannot be written/);
});

it("is held by exactly one of several processes that find a stale lock at one instant", async () => {
  const dir = testDir();
  writeFileSync(join(dir, "lock"), JSON.stringify({ pid: 2 ** 30, startedAt: "1" }));
  const program = new URL("./programs/lock-holder.ts", import.meta.url).pathname;
  const env = { ...process.env, DATA_DIR: dir, AT_MS: String(Date.now() + 1000) };
  const children = Array.from({ length: 4 }, () =>
    spawn(process.execPath, [program], { env, stdio: ["pipe", "pipe", "inherit"] }),
  );
  const answers = await Promise.all(
    children.map(async ({ stdout }) => String((await once(stdout, "data"))[0])),
  );
  for (const { stdin } of children) {
    stdin.end();
  }
  expect(answers.filter((answer) => answer === "held\n")).toHaveLength(1);
  expect(answers.filter((answer) => answer.includes("in use by process"))).toHaveLength(3);
});
