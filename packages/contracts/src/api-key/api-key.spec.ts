import { describe, expect, it } from "vitest";
import { apiKeyMatches, digestApiKey } from "./api-key-digest.ts";
import { newApiKey } from "./new-api-key.ts";
import { parseApiKey } from "./parse-api-key.ts";

describe("API key", () => {
  it("is read back with the id it was made with, and no two are alike", () => {
    const keys = Array.from({ length: 50 }, newApiKey);
    for (const key of keys) {
      expect(parseApiKey(key)?.id).toBe(key.split("_")[1]);
    }
    expect(new Set(keys).size).toBe(50);
    expect(new Set(keys.map((key) => key.split("_")[1])).size).toBe(50);
  });

  it("is refused with any one character changed", () => {
    const key = newApiKey();
    for (let i = 0; i < key.length; i += 1) {
      const other = key[i] === "0" ? "1" : "0";
      expect(parseApiKey(key.slice(0, i) + other + key.slice(i + 1))).toBeUndefined();
    }
  });

  it.each(["", "plk_", "Bearer x", "plk_short_secret"])("%j is no key", (text) => {
    expect(parseApiKey(text)).toBeUndefined();
  });

  it("matches its own digest and no other", () => {
    const key = newApiKey();
    expect(apiKeyMatches(key, digestApiKey(key))).toBe(true);
    expect(apiKeyMatches(newApiKey(), digestApiKey(key))).toBe(false);
    expect(apiKeyMatches("", digestApiKey(key))).toBe(false);
  });
});
