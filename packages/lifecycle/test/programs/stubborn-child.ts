/** Says it is ready, and that it was asked to end, which it does not do. */
process.on("SIGTERM", () => process.stdout.write("asked to end\n"));
process.on("disconnect", () => process.exit(0));
process.send?.({ type: "ready", url: "http://127.0.0.1:1" });
setInterval(() => undefined, 1000);
