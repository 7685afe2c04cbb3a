import { describe, expect, it } from "vitest";
import { exploreLeaseProtocol, type Variant } from "./lease-model.ts";

describe("ownership protocol, every order of events", () => {
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
