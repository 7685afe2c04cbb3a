import { defineConfig } from "vitest/config";
import { FAULT_TESTS } from "./vitest.fault-tests.ts";

/** Whole systems and clusters that are killed, frozen and cut off: slower than a quick suite may be. `npm run test:faults`. */
export default defineConfig({
  test: {
    // A session opened ahead belongs to no test; those about them ask for it.
    env: { PILOTLIGHT_ACP_STANDBY: "0" },
    include: [...FAULT_TESTS],
    globalSetup: ["packages/testkit/src/temporary-root.ts", "packages/testkit/src/global-setup.ts"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
    pool: "forks",
  },
});
