import { type RunningPilotlight, startPilotlight } from "@pilotlight/testkit";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openBrowser, openPage, screenshot, signIn } from "./open-browser.ts";

let system: RunningPilotlight;
let browser: Browser;

beforeAll(async () => {
  system = await startPilotlight({
    standby: 1,
    config: `
[agents.broken]
command = ["sh", "-c", "echo no licence found >&2; exit 3"]
probe = { command = ["true"] }
`,
  });
  browser = await openBrowser();
});
afterAll(async () => {
  await browser?.close();
  await system?.stop();
});

async function send(channel: string, prompt: string): Promise<string> {
  const answer = await system.fetch(`/v1/channels/${encodeURIComponent(channel)}/prompts`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ prompt }),
  });
  expect(answer.status).toBe(202);
  return ((await answer.json()) as { id: string }).id;
}

test("a queue appears with its first prompt, and its session goes from busy to warm while one looks on", async () => {
  const { page, faults } = await openPage(browser, system.url);
  await page.goto(`${system.url}/board`);
  await screenshot(page, "board-sign-in");
  await signIn(page, "not the key");
  await page.getByText("That is not the key.").waitFor();
  await signIn(page, system.apiKey);

  const menu = page.getByRole("complementary");
  await menu.getByText("sessions", { exact: true }).waitFor();
  expect(await menu.getByText("slack:C042").count()).toBe(0);

  // Long enough to be looked at: forty words, a tenth of a second each.
  const promptId = await send("slack:C042", "[[plan 3]] [[chunk-ms 100]] [[words 40]]");
  await menu.getByText("slack:C042", { exact: true }).click();
  const description = page.getByText(/ · owner .+ · fence \d+ · pid \d+ .*· agent demo$/);
  await page.getByText(/^busy · owner/).waitFor();
  await page.getByRole("link", { name: promptId }).waitFor();
  await screenshot(page, "board-queue-busy");
  await page.getByText(/^warm · owner/).waitFor();
  expect(await description.textContent()).toMatch(/· idle \d+ (ms|s) ·/);
  await page.getByText("word40").first().waitFor();
  await screenshot(page, "board-queue-warm");

  await menu.getByText("sessions", { exact: true }).click();
  await page.getByText("warm · demo").waitFor();
  await screenshot(page, "board-sessions");

  await menu.getByText("prompts", { exact: true }).click();
  await page.getByRole("link", { name: promptId }).click();
  await page.getByText("[[plan 3]] [[chunk-ms 100]] [[words 40]]").waitFor();
  await screenshot(page, "board-prompt");
  await page.getByRole("tab", { name: "Logs" }).click();
  await page.getByText(/ started \{"session"/).waitFor();
  await screenshot(page, "board-prompt-log");

  await page.goto(`${system.url}/board`);
  await page.getByText("1 Job", { exact: true }).first().waitFor();
  await screenshot(page, "board-overview");
  await system.fetch("/v1/channels/slack:C042/cool", { method: "POST" });
  await menu.getByText("slack:C042").waitFor({ state: "detached" });
  expect(faults).toEqual([]);
  await page.context().close();
});

test("a failed prompt shows why", async () => {
  const { page, faults } = await openPage(browser, system.url);
  const promptId = await send("ops", "[[stderr the disk is full]] [[crash 3]]");
  await page.goto(`${system.url}/board/queue/prompts?status=failed`);
  await signIn(page, system.apiKey);
  await page.getByRole("link", { name: promptId }).click();
  await page.getByText("the disk is full").first().waitFor();
  await screenshot(page, "board-prompt-failed");
  expect(faults).toEqual([]);
  await page.context().close();
});

test("signing out ends the visit", async () => {
  const { page, faults } = await openPage(browser, system.url);
  await page.goto(`${system.url}/board`);
  await signIn(page, system.apiKey);
  await page.getByText("sessions").first().waitFor();
  await page.locator('header button[aria-haspopup="menu"]').click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByLabel("API key").waitFor();
  await page.goto(`${system.url}/board/queue/prompts`);
  await page.getByLabel("API key").waitFor();
  expect(faults).toEqual([]);
  await page.context().close();
});

test("what is blocked, due and standing by is seen at a glance", async () => {
  const put = (path: string, body: object) =>
    system.fetch(path, {
      method: "PUT",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
  await put("/v1/channels/ops.broken", { agents: ["broken"] });
  for (let time = 0; time < 3; time += 1) {
    await send("ops.broken", "hello");
  }
  await put("/v1/schedules/standup", {
    channel: "slack:C042",
    prompt: "What is due today?",
    cron: "0 9 * * 1-5",
    tz: "Europe/Berlin",
  });
  await system.fetch("/v1/schedules/standup/run", { method: "POST" });

  const { page, faults } = await openPage(browser, system.url);
  await page.goto(`${system.url}/board/queue/blocked`);
  await signIn(page, system.apiKey);
  const entry = (view: string, id: string) =>
    page.locator(`a[href*="/queue/${view}/"]`, { hasText: id });
  await entry("blocked", "ops.broken").waitFor();
  await screenshot(page, "board-blocked");
  await entry("blocked", "ops.broken").click();
  await page.getByText("no licence found").first().waitFor();
  await screenshot(page, "board-blocked-channel");
  await page.goto(`${system.url}/board/queue/ops.broken`);
  await page.getByText("rests after failures of its agent until").waitFor();
  await screenshot(page, "board-queue-blocked");

  await page.goto(`${system.url}/board/queue/schedules`);
  await page.getByText("0 9 * * 1-5 Europe/Berlin").first().waitFor();
  await screenshot(page, "board-schedules");
  await entry("schedules", "standup").click();
  await page.getByRole("tab", { name: "Logs" }).click();
  await page.getByText(/fired by hand/).waitFor();
  await screenshot(page, "board-schedule-log");

  await page.goto(`${system.url}/board/queue/workers`);
  await page.getByText(/standby sessions: 1 ready/).waitFor();
  await screenshot(page, "board-workers");
  await page.goto(`${system.url}/board`);
  await page.getByText("Pilotlight").first().waitFor();
  await page.getByText("ops.broken").first().waitFor();
  await screenshot(page, "board-overview-full");
  expect(faults).toEqual([]);
  await page.context().close();
});
