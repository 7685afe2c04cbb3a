import { type RunningPilotlight, startPilotlight } from "@pilotlight/testkit";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openBrowser, openPage, screenshot, signIn } from "./open-browser.ts";

let system: RunningPilotlight;
let browser: Browser;

beforeAll(async () => {
  system = await startPilotlight();
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
