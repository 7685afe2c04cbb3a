import type { UIConfig } from "@bull-board/api/typings/app";

/** How Bull Board's pages look and what they leave out. */
export const UI_CONFIG: UIConfig = {
  boardTitle: "Pilotlight",
  miscLinks: [{ text: "Sign out", url: "/board/sign-out" }],
  // Redis is nobody's business here, and channels have an owner instead of BullMQ workers.
  hideRedisDetails: true,
  showWorkers: false,
  showMetrics: false,
  hideDocsLink: true,
  // Fast enough to watch a turn; can be changed for a visit.
  pollingInterval: { showSetting: true, forceInterval: 2 },
};
