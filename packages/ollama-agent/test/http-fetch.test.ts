import { createServer as createHttpServer } from "node:http";
import { type AddressInfo, createServer, type Server } from "node:net";
import { afterEach, expect, test } from "vitest";
import { httpFetch, UnreachableError } from "../src/http-fetch.ts";

const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close();
  }
});

async function listen(server: Server): Promise<string> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const never = new AbortController().signal;

test("a connection that does not come about in time is given up", async () => {
  const address = await listen(createServer((socket) => void socket.on("error", () => undefined)));
  const connecting = httpFetch({ connectMs: 100, signal: never })(`https://${address}/`);
  const error = await connecting.catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(UnreachableError);
  expect((error as Error).message).toBe("no connection within 0.1 s");
});

test("once connected, an answer may take longer than the connection", async () => {
  const address = await listen(
    createHttpServer((_request, response) => setTimeout(() => response.end("late"), 300)),
  );
  const response = await httpFetch({ connectMs: 100, signal: never })(`http://${address}/`);
  expect(await response.text()).toBe("late");
});

test("a status that is no answer of Ollama's is an error and no crash", async () => {
  const address = await listen(
    createHttpServer((_request, response) => void response.writeHead(204).end()),
  );
  await expect(
    httpFetch({ connectMs: 1000, signal: never })(`http://${address}/`),
  ).rejects.toThrow();
});
