/** Adds up what the suites wrote to test-results/*.json and prints one closing line. Fails where nothing ran. */
import { readdirSync, readFileSync } from "node:fs";

interface SuiteResult {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
}

const directory = new URL("../test-results/", import.meta.url);
let passed = 0;
let failed = 0;
let skipped = 0;
for (const file of readdirSync(directory).filter((name) => name.endsWith(".json"))) {
  const result = JSON.parse(readFileSync(new URL(file, directory), "utf8")) as SuiteResult;
  passed += result.numPassedTests;
  failed += result.numFailedTests;
  skipped += result.numPendingTests;
}
process.stdout.write(`${passed} passed, ${failed} failed, ${skipped} skipped\n`);
process.exitCode = passed === 0 || failed > 0 ? 1 : 0;
