import { globSync, readFileSync } from "node:fs";
import { RULES } from "./rules.ts";
import { parseSource } from "./source-file.ts";

/** Says each rule about imports and where it does not hold. Fails where one does not, or where nothing was read. */
const root = new URL("../../", import.meta.url).pathname;
const files = globSync("{apps,packages}/*/{src,test}/**/*.ts", { cwd: root }).map((path) =>
  parseSource(path, readFileSync(`${root}${path}`, "utf8")),
);
const read = files.reduce((sum, file) => sum + file.references.length, 0);
let violations = 0;
for (const rule of RULES) {
  const found = rule.check(files);
  violations += found.length;
  say(`${found.length === 0 ? "ok  " : "FAIL"} ${rule.sentence}`);
  for (const { path, line, what } of found) {
    say(`     ${path}:${line} ${what}`);
  }
}
say(`${files.length} files with ${read} imports read, ${violations} violations`);
process.exitCode = violations > 0 || read === 0 ? 1 : 0;

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
