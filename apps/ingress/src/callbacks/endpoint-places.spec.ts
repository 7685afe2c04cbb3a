import type { Delivery } from "@pilotlight/callbacks";
import { expect, it } from "vitest";
import { createEndpointPlaces } from "./endpoint-places.ts";

const DELIVERED: Delivery = { at: "delivered", status: 204 };
const FAILED: Delivery = { at: "failed", code: "timed_out", retry: "again" };

it("gives an endpoint a few places, and back what is not used any more", async () => {
  const places = createEndpointPlaces();
  const answer = Promise.withResolvers<Delivery>();
  const sending = [1, 2, 3, 4].map(() => places.occupy("a", () => answer.promise));
  expect(places.left()).toEqual(new Map([["a", 0]]));
  answer.resolve(DELIVERED);
  await Promise.all(sending);
  expect(places.left()).toEqual(new Map());
});

it("gives one that fails again and again a single place until it answers", async () => {
  const places = createEndpointPlaces();
  for (let i = 0; i < 3; i += 1) {
    expect(places.left().get("a") ?? places.most).toBe(places.most);
    await places.occupy("a", () => Promise.resolve(FAILED));
  }
  expect(places.left()).toEqual(new Map([["a", 1]]));
  await places.occupy("a", () => Promise.resolve(DELIVERED));
  expect(places.left()).toEqual(new Map());
});

it("remembers a bounded number of those that failed", async () => {
  const places = createEndpointPlaces();
  for (let round = 0; round < 3; round += 1) {
    for (let i = 0; i < 1500; i += 1) {
      await places.occupy(`e${i}`, () => Promise.resolve(FAILED));
    }
  }
  expect(places.left().size).toBeLessThanOrEqual(1000);
});
