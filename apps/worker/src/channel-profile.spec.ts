import { type ChannelSettings, loadConfig } from "@pilotlight/contracts";
import { expect, test } from "vitest";
import { profileOf } from "./channel-profile.ts";

const config = loadConfig({
  env: {},
  cwd: "/nowhere",
  flags: { acp: { permissions: "approve-reads", permission_secs: 20, grant_secs: 30 } },
});
const permissionsOf = (permissions: ChannelSettings["permissions"]) =>
  profileOf(config, { settings: { permissions }, version: "1", wasUsed: true, sessions: [] })
    .permissions;

test("a channel that says nothing about permissions has those of the configuration", () => {
  const given = { policy: "approve-reads", allow: [], deny: [], askMs: 20_000, grantMs: 30_000 };
  expect(permissionsOf(undefined)).toEqual(given);
  expect(permissionsOf({})).toEqual(given);
  expect(profileOf(config, undefined).permissions).toEqual(given);
});

test("a channel may name a policy, or say as much as it likes", () => {
  expect(permissionsOf("deny-all")).toMatchObject({ policy: "deny-all", askMs: 20_000 });
  expect(permissionsOf({ deny: [{ path: ".env" }], askSecs: 5, grantSecs: 6 })).toEqual({
    policy: "approve-reads",
    allow: [],
    deny: [{ path: ".env" }],
    askMs: 5000,
    grantMs: 6000,
  });
});
