#!/usr/bin/env node
// Runs the command on the project's own Node (24 or newer): the machine's may be older.
import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const main = fileURLToPath(new URL("../src/main.ts", import.meta.url));
if (Number(process.versions.node.split(".")[0]) >= 24) {
  await import(main);
} else {
  const node = ownNode();
  if (node === undefined) {
    process.stderr.write(
      `pilotlight needs Node 24 or newer; this is ${process.version}, and "npm ci" has not brought one\n`,
    );
    process.exit(78);
  }
  const child = spawn(node, [main, ...process.argv.slice(2)], { stdio: "inherit" });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"]) {
    // The child decides when to end; a Ctrl-C that it heard by itself is not counted twice there.
    process.on(signal, () => child.kill(signal));
  }
  child.on("exit", (code, signal) => {
    process.exitCode = code ?? 1;
    if (signal !== null) {
      process.removeAllListeners(signal);
      process.kill(process.pid, signal);
    }
  });
}

function ownNode() {
  try {
    const manifest = createRequire(import.meta.url).resolve("node/package.json");
    return join(dirname(manifest), "bin", "node");
  } catch {
    return undefined;
  }
}
