/** What `npm run test:faults` runs and `npm test` leaves out. */
export const FAULT_TESTS: readonly string[] = [
  "test/system/recovery.test.ts",
  "test/system/rolling-restarts.test.ts",
  "test/system/failover.test.ts",
  "test/system/cluster.test.ts",
  "test/system/redis-trouble.test.ts",
  "packages/agents/test/killed-starter.test.ts",
  "apps/worker/test/warden.test.ts",
  "apps/ingress/test/spoiled-links.test.ts",
  "test/system/interruptions.test.ts",
  "apps/ingress/test/store-away.test.ts",
  "packages/channels/test/spoiled-links.test.ts",
  "packages/channels/test/run-id.test.ts",
  "packages/channels/test/full-memory.test.ts",
  "packages/channels/test/min-replicas.test.ts",
  "packages/channels/test/cluster.test.ts",
  "packages/channels/test/sentinel.test.ts",
];
