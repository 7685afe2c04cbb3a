import { expect, test } from "vitest";
import { scrubSecrets, secretsOf } from "./scrub-secrets.ts";

test("values of variables that are named like secrets are cut out wherever they stand", () => {
  const secrets = secretsOf({
    MY_API_KEY: "hunter2-hunter2",
    DB_PASSWORD: "hunter2",
    PATH: "/usr/bin",
    SHORT_KEY: "on",
  });
  expect(scrubSecrets("key=hunter2-hunter2 pw=hunter2 on /usr/bin", secrets)).toBe(
    "key=[redacted] pw=[redacted] on /usr/bin",
  );
});

test.each([
  ["sk-ant-api03-abcdefgh12345678"],
  ["ghp_abcdefghijklmnop1234"],
  ["xoxb-1234567890-abc"],
  ["AKIAIOSFODNN7EXAMPLE"],
  ["eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln"],
])("%s is taken for a secret by its shape", (secret) => {
  expect(scrubSecrets(`before ${secret} after`, [])).toBe("before [redacted] after");
});

test("credentials in headers and addresses are cut out, the rest of them stays", () => {
  const text = "Authorization: Bearer abc123def; redis://user:s3cret@host:1/0";
  expect(scrubSecrets(text, [])).toBe(
    "Authorization: Bearer [redacted]; redis://user:[redacted]@host:1/0",
  );
});

test("terminal escapes do not reach the reader", () => {
  expect(scrubSecrets("\u001b[31mred\u001b[0m\u001b]0;title\u0007", [])).toBe("red");
});
