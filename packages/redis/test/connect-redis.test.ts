import { once } from "node:events";
import { createServer } from "node:net";
import { startTestServer, waitUntil } from "@pilotlight/testkit";
import { expect, it, onTestFinished } from "vitest";
import { connectRedis } from "../src/connect-redis.ts";
import { whenReady } from "../src/when-ready.ts";
import { connected } from "./connected.ts";
import { needsRealRedis } from "./needs-real-redis.ts";

function client(url: string) {
  const redis = connectRedis({ url, name: "test" });
  onTestFinished(() => redis.disconnect());
  return redis;
}

it("says where nothing listens, and what to look at", async () => {
  const redis = client("redis://127.0.0.1:1");
  await expect(whenReady(redis, 300)).rejects.toThrow(/Redis at 127\.0\.0\.1:1 .*nothing listens/);
});

it("says that a server which never answers does not answer", async () => {
  const silent = createServer(() => undefined).listen(0, "127.0.0.1");
  onTestFinished(() => void silent.close());
  await once(silent, "listening");
  const address = silent.address();
  const port = address !== null && typeof address === "object" ? address.port : 0;
  await expect(whenReady(client(`redis://127.0.0.1:${port}`), 300)).rejects.toThrow(
    /accepts connections but does not answer/,
  );
});

it("refuses a command at once while there is no connection", async () => {
  const redis = client("redis://127.0.0.1:1");
  await expect(redis.set("a", "1")).rejects.toThrow(/enableOfflineQueue/);
});

needsRealRedis(
  "fails what was under way when the connection is lost, and never sends it again",
  async () => {
    const server = await startTestServer();
    onTestFinished(() => server.stop());
    const redis = await connected(server.url);
    const other = await connected(server.url);
    const id = await redis.client("ID");
    // Sent and taken, but not executed: the server holds writes back.
    await other.call("CLIENT", "PAUSE", "60000", "WRITE");
    const single = redis.incr("count");
    const several = redis.multi().incr("count").exec();
    const outcomes = Promise.allSettled([single, several]);
    await waitUntil("it is taken", async () => /cmd=incr/.test(String(await other.client("LIST"))));
    await other.client("KILL", "ID", id);
    for (const outcome of await outcomes) {
      expect(outcome).toMatchObject({ status: "rejected", reason: { message: /closed/ } });
    }
    await other.call("CLIENT", "UNPAUSE");
    await waitUntil("it is back", () => redis.ping().catch(() => false));
    expect(await redis.get("count")).toBeNull();
  },
);

needsRealRedis("subscribes again after a loss", async () => {
  const server = await startTestServer();
  onTestFinished(() => server.stop());
  const redis = await connected(server.url);
  const other = await connected(server.url);
  const heard: string[] = [];
  redis.on("message", (_channel, message) => heard.push(message));
  const id = await redis.client("ID");
  await redis.subscribe("bell");
  await other.client("KILL", "ID", id);
  await waitUntil("it is back", async () => {
    await other.publish("bell", "rings");
    return heard.length > 0;
  });
});
