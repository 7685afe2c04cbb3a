import { startTestServer } from "@pilotlight/testkit";
import { expect, test } from "vitest";
import { startTestBoard } from "../../apps/board/test/support/start-test-board.ts";
import { startTestWorker } from "../../apps/board/test/support/start-test-worker.ts";
import { openBrowser, openPage, screenshot, signIn } from "./open-browser.ts";

/** Each would say so in `window.ran` were it taken for anything but text. */
const MARKUP = [
  "<script>window.ran=1</script>",
  '"><img src=x onerror="window.ran=2">',
  "<svg/onload=window.ran=3>",
  "</script><script>window.ran=4</script>",
  "<iframe srcdoc='<script>parent.ran=5</script>'></iframe>",
  "<a href=\"javascript:window.ran=6\" autofocus onfocus='window.ran=7'>x</a>",
  "{{constructor.constructor('window.ran=8')()}} <%= window.ran=10 %>",
  "<style>*{display:none}</style><base href='//evil.example/'>",
  "\u001b[31m<details open ontoggle=window.ran=11>\u001b[0m &lt;img src=x onerror=window.ran=12&gt;",
  "--><!--<math><mtext></form><form><mglyph><style></math><img src onerror=window.ran=13>",
].join("\n");

/** As far from a plain word as a channel's id may be. */
const CHANNEL = "#general:!room@x+y=z~1";
const RESTING = "#rests:!room@x+y=z~2";

test("markup in prompts, answers, errors and events stays text, whatever the channel is called", async () => {
  const server = await startTestServer();
  const board = await startTestBoard(server.url);
  const worker = await startTestWorker(server.url, "host-1-w");
  const browser = await openBrowser();
  try {
    await worker.enqueue(CHANNEL, MARKUP);
    await worker.enqueue(CHANNEL, MARKUP);
    await worker.enqueue(CHANNEL, MARKUP);
    const [owned] = await worker.claim();
    if (owned === undefined) {
      throw new Error("nothing to own");
    }
    for (const ending of ["completed", "failed"] as const) {
      const id = await worker.begin(owned);
      const update = { sessionUpdate: "agent_message_chunk", content: { text: MARKUP } };
      const data = JSON.stringify({ promptId: id, update });
      await owned.appendEvents([{ type: "update", promptId: id, data }]);
      await worker.finish(owned, id, ending, MARKUP);
    }

    await worker.enqueue(RESTING, MARKUP);
    const [resting] = await worker.claim();
    if (resting === undefined) {
      throw new Error("nothing to own");
    }
    await worker.rest(resting, MARKUP.split("\n").join(" "));
    await worker.schedule("hostile", { channel: CHANNEL, prompt: MARKUP, everySecs: 3600 });

    const { page, faults } = await openPage(browser, board.origin);
    await page.goto(`${board.origin}/board`);
    await signIn(page, board.apiKey);
    await page.getByText("sessions").first().waitFor();
    for (const queue of [CHANNEL, "prompts"]) {
      const list = `${board.origin}/board/queue/${encodeURIComponent(queue)}`;
      for (const status of ["waiting", "failed", "completed"]) {
        await page.goto(`${list}?status=${status}`);
        await page.getByText("window.ran=1").first().waitFor();
        await page.getByRole("link", { name: /^p_/ }).first().click();
        await page.waitForURL(`${list}/p_*`);
        for (const tab of ["Data", "Error", "Options", "Logs"]) {
          await page.getByRole("tab", { name: tab, exact: true }).click();
        }
        await page.getByText(/Z accepted /).waitFor();
        expect(await page.evaluate("window.ran")).toBeUndefined();
        await screenshot(page, `board-markup-${queue === "prompts" ? queue : "channel"}-${status}`);
      }
    }
    await page.goto(`${board.origin}/board/queue/sessions`);
    await page.getByRole("link", { name: CHANNEL }).last().click();
    await page.getByText(`s-${CHANNEL}`).waitFor();
    expect(await page.evaluate("window.ran")).toBeUndefined();

    for (const [view, id] of [
      ["blocked", RESTING],
      ["schedules", "hostile"],
      ["workers", "host-1-w"],
    ] as const) {
      await page.goto(`${board.origin}/board/queue/${view}`);
      await page.locator(`a[href*="/queue/${view}/"]`, { hasText: id }).click();
      await page.waitForURL(`${board.origin}/board/queue/${view}/*`);
      for (const tab of ["Data", "Options", "Logs"]) {
        await page.getByRole("tab", { name: tab, exact: true }).click();
      }
      expect(await page.evaluate("window.ran")).toBeUndefined();
      await screenshot(page, `board-markup-${view}`);
    }
    await page.goto(`${board.origin}/board/queue/${encodeURIComponent(RESTING)}`);
    await page.getByText("rests after failures").first().waitFor();
    expect(await page.evaluate("window.ran")).toBeUndefined();
    expect(faults).toEqual([]);
  } finally {
    await browser.close();
    await worker.stop();
    await board.stop();
    await server.stop();
  }
});
