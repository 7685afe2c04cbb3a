import { defineConfig } from "vitest/config";

/** The image and the compose file on a Docker engine, where there is one: `npm run test:containers`. */
export default defineConfig({
  test: {
    include: ["test/containers/**/*.test.ts"],
    globalSetup: ["test/containers/global-setup.ts"],
    testTimeout: 300_000,
    hookTimeout: 300_000,
    fileParallelism: false,
    pool: "forks",
  },
});
