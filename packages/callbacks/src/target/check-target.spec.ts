import { expect, it } from "vitest";
import { type CallbackRules, checkTarget } from "./check-target.ts";

const strict: CallbackRules = { allowHttp: false, ports: [], allowPrivate: [] };
const at = (url: string, rules: Partial<CallbackRules> = {}) =>
  checkTarget(url, { ...strict, ...rules });

it.each([
  "http://example.com/",
  "file:///etc/passwd",
  "gopher://example.com/",
  "ftp://example.com/",
  "javascript:alert(1)",
  "//example.com/",
  "example.com",
  "",
  "https://",
  "https://a b/",
  "https://user@example.com/",
  "https://user:pass@example.com/",
  "https://:pass@example.com/",
  "https://example.com:22/",
  "https://example.com:80/",
  "https://example.com:6379/",
  "https://example.com:99999/",
])("%s is refused", (url) => {
  expect(at(url)).toMatchObject({ at: "refused", isAddress: false });
});

it.each([
  "https://127.0.0.1/",
  "https://127.1/",
  "https://2130706433/",
  "https://0x7f000001/",
  "https://0x7f.1/",
  "https://0177.0.0.1/",
  "https://017700000001/",
  "https://127.0.0.1./",
  "https://127。0。0。1/",
  "https://①②⑦.0.0.1/",
  "https://%31%32%37.0.0.1/",
  "https://0/",
  "https://0.0.0.0/",
  "https://[::1]/",
  "https://[::]/",
  "https://[0:0:0:0:0:0:0:1]/",
  "https://[::127.0.0.1]/",
  "https://[::ffff:127.0.0.1]/",
  "https://[::ffff:7f00:1]/",
  "https://[64:ff9b::7f00:1]/",
  "https://[2002:7f00:1::]/",
  "https://[fd00:ec2::254]/",
  "https://169.254.169.254/latest/meta-data/",
  "https://10.1.2.3/",
  "https://localhost/",
  "https://LOCALHOST./",
  "https://a.localhost/",
])("%s is at no public address, however it is spelled", (url) => {
  expect(at(url)).toMatchObject({ at: "refused", isAddress: true });
});

it("takes https at names and public addresses, and says what is tried together", () => {
  expect(at("https://Hooks.example.com/a?b=c#d")).toMatchObject({
    at: "allowed",
    endpoint: "https://hooks.example.com",
    isNamed: false,
  });
  expect(at("https://1.1.1.1:443/")).toMatchObject({ at: "allowed", endpoint: "https://1.1.1.1" });
});

it("takes http, further ports and private places only where the rules name them", () => {
  expect(at("http://example.com/", { allowHttp: true })).toMatchObject({ at: "allowed" });
  expect(at("http://example.com:8080/", { allowHttp: true })).toMatchObject({ at: "refused" });
  expect(at("https://example.com:8443/", { ports: [8443] })).toMatchObject({ at: "allowed" });
  expect(at("https://10.0.0.1:8443/", { ports: [8443] })).toMatchObject({ at: "refused" });
  const allowPrivate = ["127.0.0.1:9000", "[::1]:9000", "hooks.internal:443"];
  expect(at("http://127.0.0.1:9000/", { allowPrivate })).toMatchObject({ isNamed: true });
  expect(at("http://2130706433:9000/", { allowPrivate })).toMatchObject({ isNamed: true });
  expect(at("http://[::1]:9000/", { allowPrivate })).toMatchObject({ isNamed: true });
  expect(at("https://hooks.internal/", { allowPrivate })).toMatchObject({ isNamed: true });
  expect(at("http://127.0.0.1:9001/", { allowPrivate })).toMatchObject({ at: "refused" });
  expect(at("http://a@127.0.0.1:9000/", { allowPrivate })).toMatchObject({ at: "refused" });
  expect(at("gopher://127.0.0.1:9000/", { allowPrivate })).toMatchObject({ at: "refused" });
});
