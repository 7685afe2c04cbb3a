import { defineConfig } from "vitest/config";

/** The board in headless Chromium (`CHROMIUM_PATH`, else /usr/bin/chromium): `npm run test:browser`. */
export default defineConfig({
  test: {
    // A session opened ahead belongs to no test; those about them ask for it.
    env: { PILOTLIGHT_ACP_STANDBY: "0" },
    include: ["test/browser/**/*.test.ts"],
    globalSetup: ["packages/testkit/src/temporary-root.ts", "packages/testkit/src/global-setup.ts"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    fileParallelism: false,
    pool: "forks",
  },
});
