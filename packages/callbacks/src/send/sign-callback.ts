import { Webhook } from "standardwebhooks";

/** Headers of Standard Webhooks; one signature per secret, so that receivers may change theirs at leisure. */
export function signCallback(
  id: string,
  body: string,
  secrets: readonly string[],
  sentAt: Date,
): Record<string, string> {
  return {
    "webhook-id": id,
    "webhook-timestamp": String(Math.floor(sentAt.getTime() / 1000)),
    "webhook-signature": secrets
      .map((secret) => new Webhook(secret).sign(id, sentAt, body))
      .join(" "),
  };
}
