import { expect, it } from "vitest";
import { describeRedisUrl } from "./describe-redis-url.ts";

it.each([
  ["redis://me:hunter2@host:1/3", "redis://host:1/3"],
  ["unix:///run/redis.sock?password=hunter2", "unix:///run/redis.sock"],
  ["redis+cluster://:hunter2@a:1,b:2", "redis+cluster://a:1,b:2"],
  ["rediss+sentinel://a,b/main?sentinel_password=hunter2", "rediss+sentinel://a,b/main"],
])("shows of %s what is no secret", (url, shown) => {
  expect(describeRedisUrl(url)).toBe(shown);
});
