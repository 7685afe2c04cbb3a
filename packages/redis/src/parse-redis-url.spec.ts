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

it("takes any nodes of a cluster, and meets the first one by name", () => {
  expect(parseRedisUrl("redis+cluster://me:p%40ss@a.example:7001,b.example,[::1]:7003")).toEqual({
    host: "a.example",
    port: 7001,
    username: "me",
    password: "p@ss",
    Connector: expect.any(Function),
  });
  expect(parseRedisUrl("rediss+cluster://a/0")).toMatchObject({ tls: {}, port: 6379 });
});

it("takes sentinels, the name that they know the primary by, and both passwords", () => {
  expect(
    parseRedisUrl("redis+sentinel://:secret@s1,s2:26380/main/2?sentinel_password=other"),
  ).toMatchObject({
    sentinels: [
      { host: "s1", port: 26379 },
      { host: "s2", port: 26380 },
    ],
    name: "main",
    db: 2,
    password: "secret",
    sentinelPassword: "other",
  });
  expect(parseRedisUrl("rediss+sentinel://s1/main")).toMatchObject({
    tls: {},
    sentinelTLS: {},
    enableTLSForSentinelMode: true,
  });
});

it.each([
  "redis+cluster://:hunter2@a:1,b:x",
  "redis+cluster://:hunter2@a:99999",
  "redis+cluster://:hunter2@a/3",
  "redis+cluster://:hunter2%@a",
  "redis+cluster://",
  "redis+sentinel://:hunter2@a:1",
  "redis+other://:hunter2@a:1",
  "localhost:6379",
  "",
  "http://host",
  "redis://:hunter2@host/abc",
  "redis://:hunter2@ho st",
])("refuses %j without repeating a password", (url) => {
  expect(() => parseRedisUrl(url)).toThrow(ConfigError);
  expect(() => parseRedisUrl(url)).not.toThrow(/hunter2/);
});
