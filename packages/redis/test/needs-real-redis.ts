import { inject, it } from "vitest";

/** A test that needs files and signals; where the run has the in-memory server only, it is skipped and shown so. */
export const needsRealRedis = it.skipIf(!inject("redisDurable"));
