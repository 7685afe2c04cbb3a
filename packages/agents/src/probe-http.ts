/** What a probe by HTTP found; `reason` is a part of a sentence, without secrets. */
export type HttpProbeOutcome =
  | { readonly at: "good" }
  | { readonly at: "failed"; readonly reason: string };

export interface ProbeHttpOptions {
  readonly url: string;
  readonly deadlineMs: number;
  /** Ends it at once. */
  readonly signal?: AbortSignal;
}

/** Well where a GET is answered 2xx in time; what it answers is not read. @throws where the signal ends it. */
export async function probeHttp({
  url,
  deadlineMs,
  signal,
}: ProbeHttpOptions): Promise<HttpProbeOutcome> {
  if (!URL.canParse(url)) {
    return { at: "failed", reason: "the address of its probe is no URL" };
  }
  const deadline = AbortSignal.timeout(deadlineMs);
  const { address, shown, headers } = withoutSecret(new URL(url));
  try {
    const response = await fetch(address, {
      headers,
      redirect: "manual",
      signal: signal === undefined ? deadline : AbortSignal.any([signal, deadline]),
    });
    response.body?.cancel().catch(() => undefined);
    return response.ok
      ? { at: "good" }
      : { at: "failed", reason: `${shown} answered ${response.status}` };
  } catch (error) {
    signal?.throwIfAborted();
    return {
      at: "failed",
      reason: deadline.aborted
        ? `${shown} did not answer within ${deadlineMs / 1000} s`
        : `${shown} cannot be reached (${causeOf(error)})`,
    };
  }
}

/** `fetch` takes no password in a URL, and nobody is to read one in a reason. */
function withoutSecret(url: URL): { address: URL; shown: string; headers: Record<string, string> } {
  const { username, password } = url;
  const address = new URL(url);
  address.username = "";
  address.password = "";
  const credentials = Buffer.from(
    `${decodeURIComponent(username)}:${decodeURIComponent(password)}`,
  );
  return {
    address,
    shown: `${address.origin}${address.pathname}`,
    headers:
      username === "" && password === ""
        ? {}
        : { authorization: `Basic ${credentials.toString("base64")}` },
  };
}

/** `fetch` hides the reason one level down. */
function causeOf(error: unknown): string {
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  return cause instanceof Error
    ? ((cause as NodeJS.ErrnoException).code ?? cause.message)
    : String(cause);
}
