import { describe, expect, it } from "vitest";
import { exploreLeaseProtocol, type Variant } from "./lease-model.ts";

// Seconds of pure computing: a busy machine takes its time for it.
describe("ownership protocol, every order of events", { timeout: 180_000 }, () => {
  it("never lets two workers act on one channel as built", () => {
    const exploration = exploreLeaseProtocol("as built");
    expect(exploration.overlap).toBeUndefined();
    expect(exploration.states).toBeGreaterThan(1000);
  });

  const broken: Variant[] = [
    "plain ttl",
    "window counted from the reply",
    "no margin",
    "key re-created",
    "forgets without waiting",
    "leases not re-read",
  ];
  for (const variant of broken) {
    it(`finds the overlap of the broken variant: ${variant}`, () => {
      expect(exploreLeaseProtocol(variant).overlap).toBeDefined();
    });
  }
});
