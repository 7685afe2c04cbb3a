/**
 * The BullMQ queue name of a channel. BullMQ refuses `:` and accepts `../`, so everything outside
 * `[A-Za-z0-9_.-]` is written as `~` and two hexadecimal digits; `~` itself too, so names never collide.
 */
export function queueNameOf(channel: string): string {
  return channel.replace(
    /[^A-Za-z0-9_.-]/g,
    (char) => `~${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`,
  );
}

/** The inverse of `queueNameOf`. */
export function channelOfQueueName(name: string): string {
  return name.replace(/~([0-9A-F]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}
