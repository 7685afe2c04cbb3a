import { checkTarget, secretsFor } from "@pilotlight/callbacks";
import type { EnqueueInput } from "@pilotlight/channels";
import { HttpProblem } from "../http/http-problem.ts";
import type { IngressContext } from "../ingress-context.ts";

/**
 * Where the prompt's callbacks go. One that could not be signed is refused, never sent unsigned.
 *
 * @throws HttpProblem `callback_url_not_allowed`; it does not repeat the URL, which may hold a secret
 */
export function callbackOf(
  { config, callbackSecrets }: Pick<IngressContext, "config" | "callbackSecrets">,
  url: string,
): NonNullable<EnqueueInput["callback"]> {
  if (callbackSecrets.length === 0) {
    throw refused("callbacks are not configured here: [callbacks] secret_env");
  }
  const target = checkTarget(url, config.callbacks);
  if (target.at === "refused") {
    throw refused(target.reason);
  }
  if (secretsFor(target.url.hostname, callbackSecrets).length === 0) {
    throw refused("must be at a host for which a secret is configured");
  }
  return { url, endpoint: target.endpoint };
}

function refused(detail: string): HttpProblem {
  const pointer = "/callbackUrl";
  return new HttpProblem("callback_url_not_allowed", `${pointer}: ${detail}`, {
    errors: [{ pointer, detail }],
  });
}
