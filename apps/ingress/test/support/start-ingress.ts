import { tmpdir } from "node:os";
import { loadConfig, newApiKey } from "@pilotlight/contracts";
import { createLogger, type Service } from "@pilotlight/lifecycle";
import { createIngress } from "../../src/ingress.ts";

export interface RunningIngress {
  readonly url: string;
  readonly port: number;
  readonly apiKey: string;
  readonly service: Service;
  /** `fetch` with the key. */
  fetch(path: string, init?: RequestInit): Promise<Response>;
  /** POSTs JSON with the key. */
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Response>;
}

type Settings = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** The real ingress on a free port, in this process; `flags` are sections of `pilotlight.toml`, `env` what else its environment holds. */
export async function startIngress(
  redisUrl: string,
  flags: Settings = {},
  env: Readonly<Record<string, string>> = {},
): Promise<RunningIngress> {
  const apiKey = newApiKey();
  const config = loadConfig({
    env: {},
    cwd: tmpdir(),
    flags: {
      ...flags,
      redis: { url: redisUrl },
      http: { port: 0, ...flags.http },
    },
  });
  const service = createIngress({
    config,
    env: { ...env, PILOTLIGHT_API_KEY: apiKey },
    log: createLogger("ingress", "silent"),
  });
  await service.start();
  const url = service.url?.() ?? "";
  const call = (path: string, init: RequestInit = {}) => {
    const headers = new Headers(init.headers);
    headers.set("authorization", `Bearer ${apiKey}`);
    return fetch(new URL(path, url), { ...init, headers });
  };
  return {
    url,
    port: Number(new URL(url).port),
    apiKey,
    service,
    fetch: call,
    post: (path, body, headers = {}) =>
      call(path, {
        method: "POST",
        headers: { "content-type": "application/json", ...headers },
        body: JSON.stringify(body),
      }),
  };
}
