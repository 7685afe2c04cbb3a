import { ConfigError } from "@pilotlight/contracts";
import { expect, it } from "vitest";
import { parseRedisUrl } from "./parse-redis-url.ts";

it("takes user, password and database from a URL, decoded", () => {
  expect(parseRedisUrl("redis://me:p%40ss%2Fword@redis.example:6380/3")).toEqual({
    host: "redis.example",
    port: 6380,
    db: 3,
    username: "me",
    password: "p@ss/word",
  });
});

it("needs a host only, and knows IPv6", () => {
  expect(parseRedisUrl("redis://[::1]")).toEqual({ host: "::1", port: 6379, db: 0 });
});

it("uses TLS for rediss", () => {
  expect(parseRedisUrl("rediss://:secret@host:1")).toMatchObject({ tls: {}, password: "secret" });
});

it("takes path, password and database of a unix socket", () => {
  expect(parseRedisUrl("unix:///run/my%20dir/redis.sock?password=a%26b&db=2")).toEqual({
    path: "/run/my dir/redis.sock",
    password: "a&b",
    db: 2,
  });
});

it.each([
  "localhost:6379",
  "",
  "http://host",
  "redis://:hunter2@host/abc",
  "redis://:hunter2@ho st",
])("refuses %j without repeating a password", (url) => {
  expect(() => parseRedisUrl(url)).toThrow(ConfigError);
  expect(() => parseRedisUrl(url)).not.toThrow(/hunter2/);
});
