import { expect, it } from "vitest";
import { callbackSecretFaults, readCallbackSecrets } from "./callback-config.ts";
import { ConfigError } from "./config-error.ts";
import { loadConfig } from "./load-config.ts";

const SECRET = `whsec_${Buffer.alloc(32, 1).toString("base64")}`;
const NEXT = `whsec_${Buffer.alloc(24, 2).toString("base64")}`;

const load = (callbacks: Record<string, unknown>, env = {}, needsSecrets = true) =>
  loadConfig({ env, flags: { callbacks }, cwd: "/nowhere", needsSecrets });

function faultsOf(...input: Parameters<typeof load>): readonly string[] {
  try {
    load(...input);
    return [];
  } catch (error) {
    return error instanceof ConfigError ? error.faults : [String(error)];
  }
}

it("sends nothing anywhere unless a secret is configured, and then https to public addresses only", () => {
  expect(load({}).callbacks).toEqual({
    allowHttp: false,
    allowPrivate: [],
    ports: [],
    deadlineMs: 10_000,
    retryMs: 5000,
    giveUpMs: 86_400_000,
    secrets: [],
  });
});

it("reads one secret or two per pattern from the environment", () => {
  const env = { ALL: ` ${SECRET} ${NEXT}\n`, OWN: SECRET };
  const { callbacks } = load({ secret_env: "ALL", secrets: { "*.example.com": "OWN" } }, env);
  expect(readCallbackSecrets(callbacks, env)).toEqual([
    { host: "*.example.com", secrets: [SECRET] },
    { host: "*", secrets: [SECRET, NEXT] },
  ]);
});

it("names every fault at once, and tells no secret", () => {
  const faults = faultsOf(
    { secret_env: "A", secrets: { "a.example.com": "B", "b.example.com": "C" } },
    { B: `${SECRET} ${SECRET} ${SECRET}`, C: "whsec_c2hvcnQ=" },
  );
  expect(faults).toHaveLength(3);
  expect(faults.join()).toMatch(
    /a\.example.*B holds 3.*b\.example.*C must.*secret_env: A is not set/,
  );
  expect(faults.join()).not.toContain("c2hvcnQ");
});

it.each([
  "not-base64!",
  SECRET.slice(6),
  `whsec_${Buffer.alloc(8).toString("base64")}`,
  `whsec_${Buffer.alloc(65).toString("base64")}`,
])("%s is no secret", (secret) => {
  const { callbacks } = load({ secret_env: "A" }, {}, false);
  expect(callbackSecretFaults(callbacks, { A: secret })).toHaveLength(1);
});

it("does not ask processes for secrets that they do not need", () => {
  expect(faultsOf({ secret_env: "A" }, {}, false)).toEqual([]);
});

it("understands private places as parsed URLs have them, and refuses what is none", () => {
  const given = ["127.0.0.1:9000", "2130706433:9001", "[::1]:443", "Hooks.Internal:80"];
  expect(load({ allow_private: given }).callbacks.allowPrivate).toEqual([
    "127.0.0.1:9000",
    "127.0.0.1:9001",
    "[::1]:443",
    "hooks.internal:80",
  ]);
  const wrong = ["127.0.0.1", "a:0", "a:99999", "http://a:80", "a/b:80", "a:1:80", ":80"];
  expect(faultsOf({ allow_private: wrong })).toHaveLength(wrong.length);
});

it("refuses names of variables, hosts and ports that are none", () => {
  const faults = faultsOf({ secret_env: "A-B", secrets: { "a b": "X" }, ports: [0] });
  expect(faults).toHaveLength(3);
});
