import { tellParent, tellParentLast } from "../../src/child-message.ts";

/** Says that it leaves, and then does not manage to end. */
process.on("SIGTERM", async () => {
  await tellParentLast({ type: "leaving" });
  for (;;) {
    // As a process that hangs in its own end: it hears nothing any more.
  }
});
tellParent({ type: "ready" });
setInterval(() => undefined, 1000);
