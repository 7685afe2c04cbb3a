import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { type Workspace, workspaceOnDisk } from "../src/index.ts";

const base = realpathSync(mkdtempSync(join(tmpdir(), "permissions-")));
const root = join(base, "ws");
const evil = join(base, "ws-evil");
mkdirSync(join(root, "src"), { recursive: true });
mkdirSync(join(evil, "deep"), { recursive: true });
writeFileSync(join(root, "src", "a.ts"), "");
symlinkSync(evil, join(root, "out"));
symlinkSync(join(evil, "deep"), join(root, "deep"));
symlinkSync(join(evil, "new.txt"), join(root, "dangling"));
symlinkSync("src", join(root, "in"));
symlinkSync("loop", join(root, "loop"));
symlinkSync(root, join(base, "alias"));
const workspace: Workspace = workspaceOnDisk(join(base, "alias"));

afterAll(() => rmSync(base, { recursive: true }));

test("its root is where it really lies", () => {
  expect(workspace.root).toBe(root);
});

test.each([
  ["a file", "src/a.ts", join(root, "src/a.ts")],
  ["a file by its absolute path", join(root, "src/a.ts"), join(root, "src/a.ts")],
  ["a file by an alias of the workspace", join(base, "alias/src/a.ts"), join(root, "src/a.ts")],
  ["a file that is not there yet", "src/new/b.ts", join(root, "src/new/b.ts")],
  ["what a link inside leads to", "in/a.ts", join(root, "src/a.ts")],
  ["the way up and down again", "src/../src/./a.ts", join(root, "src/a.ts")],
  ["the way up", "../ws-evil/x", join(evil, "x")],
  ["what a link outside leads to", "out/x/y", join(evil, "x/y")],
  ["what a link would create", "dangling", join(evil, "new.txt")],
  ["a file as a directory", "src/a.ts/b", join(root, "src/a.ts/b")],
])("finds %s", (_name, path, real) => {
  expect(workspace.resolve(path)).toBe(real);
});

test.each([
  ["a loop of links", "loop/a"],
  ["a NUL", "src/a.ts\0.txt"],
  ["a path without end", `${"x/".repeat(4000)}y`],
  ["a name without end", "x".repeat(300)],
  ["the way up from a link, which tools understand differently,", "deep/../src/a.ts"],
])("does not say where %s leads", (_name, path) => {
  expect(workspace.resolve(path)).toBeUndefined();
});
