import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: [
      "{apps,packages}/*/{src,test}/**/*.{spec,test}.ts",
      "{bench,tools}/**/*.spec.ts",
      "test/system/**/*.test.ts",
    ],
    globalSetup: ["packages/testkit/src/global-setup.ts"],
    testTimeout: 30_000,
    hookTimeout: 30_000,
    // Two cores: more files side by side only make every wait longer.
    maxWorkers: 2,
    pool: "forks",
  },
});
