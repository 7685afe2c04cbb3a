import { configDefaults, defineConfig } from "vitest/config";
import { FAULT_TESTS } from "./vitest.fault-tests.ts";

export default defineConfig({
  test: {
    // A session opened ahead belongs to no test; those about them ask for it.
    env: { PILOTLIGHT_ACP_STANDBY: "0" },
    include: [
      "{apps,packages}/*/{src,test}/**/*.{spec,test}.ts",
      "{bench,tools}/**/*.spec.ts",
      "test/chaos/**/*.spec.ts",
      "test/system/**/*.test.ts",
    ],
    exclude: [...configDefaults.exclude, ...FAULT_TESTS],
    globalSetup: ["packages/testkit/src/temporary-root.ts", "packages/testkit/src/global-setup.ts"],
    testTimeout: 30_000,
    hookTimeout: 30_000,
    // Two cores, and most files wait most of their time: more side by side would only make every wait longer.
    maxWorkers: 3,
    pool: "forks",
  },
});
