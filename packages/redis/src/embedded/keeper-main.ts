/**
 * The parent of an embedded server, in a process of its own.
 *
 *   starts it, and again when it ends ──SIGTERM──▶ ends it, exits
 *                                      ──parent dies──▶ waits until its clients are gone (bounded), then the same
 *
 * So a killed `up` leaves no server behind, and what it had started can finish on it. Where this process is killed too,
 * the server ends at once if the kernel offers that (see `dyingWithParent`), else at the next start on its files.
 */
import { exited, type RestartState, started, tellParent } from "@pilotlight/lifecycle";
import { KEEPER_ORDER, type KeeperOrder } from "./keeper-order.ts";
import { dyingWithParent, endLeftBehind, endServer, launchServer } from "./server-process.ts";
import { whenClientsGone } from "./when-clients-gone.ts";

const BACKOFF = { firstMs: 50, mostMs: 5000, healthyAfterMs: 10_000 };

const order = JSON.parse(process.env[KEEPER_ORDER] ?? "") as KeeperOrder;
delete process.env[KEEPER_ORDER];

let state: RestartState = { at: "running", sinceMs: 0, failures: 0 };
let ending = false;

await endLeftBehind(order.pidFile);
const wrapper = await dyingWithParent();
let server = launch();
tellParent({ type: "ready" });

function launch() {
  state = started(state, performance.now());
  const child = launchServer(order.binary, order.configFile, order.pidFile, wrapper);
  child.once("exit", () => {
    state = exited(state, performance.now(), BACKOFF);
    if (!ending && process.connected && state.at === "waiting") {
      setTimeout(() => {
        if (!ending && process.connected) {
          server = launch();
        }
      }, state.delayMs);
    }
  });
  tellParent({ type: "server-started", pid: child.pid ?? 0 });
  return child;
}

async function end(): Promise<void> {
  if (!ending) {
    ending = true;
    await endServer(server);
    process.exit(0);
  }
}

process.on("SIGTERM", () => void end());
// The parent decides when a Ctrl-C in its terminal is meant for the server.
process.on("SIGINT", () => undefined);
process.on("disconnect", () => void whenClientsGone(order.url, order.outliveMs).then(end));
if (!process.connected) {
  await end();
}
