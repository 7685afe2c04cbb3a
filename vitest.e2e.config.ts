import { defineConfig } from "vitest/config";

/** The whole system with a real agent: `npm run agents:install`, then `npm run test:e2e`. */
export default defineConfig({
  test: {
    // A session opened ahead belongs to no test; those about them ask for it.
    env: { PILOTLIGHT_ACP_STANDBY: "0" },
    include: ["test/e2e/**/*.test.ts"],
    globalSetup: ["packages/testkit/src/temporary-root.ts"],
    // A real agent needs about a second to start and 300 MB; one file at a time keeps it honest.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    fileParallelism: false,
    pool: "forks",
  },
});
