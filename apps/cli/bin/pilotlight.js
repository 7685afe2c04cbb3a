#!/usr/bin/env node
// Runs the command on the project's own Node (24 or newer): the machine's may be older.
import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const main = fileURLToPath(new URL("../src/main.ts", import.meta.url));
if (Number(process.versions.node.split(".")[0]) >= 24) {
  await import(main);
} else {
  let node;
  try {
    node = join(
      dirname(createRequire(import.meta.url).resolve("node/package.json")),
      "bin",
      "node",
    );
  } catch {
    process.stderr.write(`pilotlight needs Node 24 or newer; this is ${process.version}\n`);
    process.exit(78);
  }
  for (const signal of ["SIGINT", "SIGTERM"]) {
    // The child hears it too and decides when to end.
    process.on(signal, () => undefined);
  }
  const { status } = spawnSync(node, [main, ...process.argv.slice(2)], { stdio: "inherit" });
  process.exit(status ?? 1);
}
