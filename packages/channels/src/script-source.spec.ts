import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { scriptSource, usesOf } from "./script-source.ts";

const DIRECTORY = new URL("./scripts/", import.meta.url);
const namesIn = (directory: URL) =>
  readdirSync(directory)
    .filter((file) => file.endsWith(".lua"))
    .map((file) => file.slice(0, -".lua".length));
const read = (name: string) => readFileSync(new URL(`${name}.lua`, DIRECTORY), "utf8");

const PARTS = namesIn(new URL("shared/", DIRECTORY));
/** What each part gives to others. */
const homes = new Map(
  PARTS.flatMap((part) =>
    [...read(`shared/${part}`).matchAll(/^local (?:function )?([\w, ]+?)(?:\(| =)/gm)].flatMap(
      ([, names = ""]) => names.split(", ").map((name) => [name, part] as const),
    ),
  ),
);

/** The parts whose names a text uses, but for those that it defines itself. */
function usedBy(text: string): string[] {
  const code = text.replace(/--.*$/gm, "").replace(/'[^'\n]*'/g, "");
  const own = new Set(
    [...code.matchAll(/local (?:function )?([\w, ]+)/g)].flatMap(([, names = ""]) =>
      names.split(/[ ,]+/),
    ),
  );
  const used = new Set(
    [...code.matchAll(/\b\w+\b/g)].flatMap(([name]) =>
      own.has(name) ? [] : (homes.get(name) ?? []),
    ),
  );
  return [...used].sort();
}

test.each([...namesIn(DIRECTORY), ...PARTS.map((part) => `shared/${part}`)])(
  "%s names the parts that it uses, and no other",
  (name) => {
    expect([...usesOf(read(name))].sort()).toEqual(usedBy(read(name)));
  },
);

test("a script has each part once, after those that the part uses", () => {
  const source = scriptSource("cancel");
  const at = (name: string) => source.indexOf(`local function ${name}(`);
  expect(source.split("local function time_ms(")).toHaveLength(2);
  expect(at("lease_key")).toBeGreaterThan(-1);
  expect(at("wake")).toBeGreaterThan(at("lease_key"));
  expect(at("append_event")).toBeGreaterThan(at("note_callback"));
  expect(at("settle_turn")).toBeGreaterThan(at("append_event"));
  expect(source.indexOf("A person's wish")).toBeGreaterThan(at("settle_turn"));
});
