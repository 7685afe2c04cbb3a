import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { createSender } from "@pilotlight/callbacks";
import { type ChannelsClient, openChannelsClient } from "@pilotlight/channels";
import {
  ConfigError,
  type PilotlightConfig,
  readApiKey,
  readCallbackSecrets,
} from "@pilotlight/contracts";
import type { Logger, Service } from "@pilotlight/lifecycle";
import { type CallbackDeliverer, deliverCallbacks } from "./callbacks/deliver-callbacks.ts";
import { answerClientError } from "./http/answer-client-error.ts";
import { createIngressApp } from "./ingress-app.ts";
import { createStreamSlots, type StreamSlots } from "./sse/stream-slots.ts";

export interface IngressOptions {
  readonly config: PilotlightConfig;
  /** May hold the key as `PILOTLIGHT_API_KEY`; and the secrets that sign callbacks. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly log: Logger;
}

const MOST_HEADER_BYTES = 16 * 1024;
/** Node drops headers past this silently; more than 100 are refused by us, so it must see one more. */
const MOST_HEADERS_READ = 101;
const HEAD_WAIT_MS = 10_000;
const REQUEST_WAIT_MS = 30_000;
const CHECK_EVERY_MS = 5000;
/** Longer than the keep-alive of the clients and proxies that call, or they meet a closing connection. */
const KEEP_ALIVE_MS = 75_000;
/** Connections besides those of streams. */
const OTHER_CONNECTIONS = 2000;
const CLOSE_IDLE_EVERY_MS = 50;

/** The HTTP side of the system: accepts prompts and intents, streams what happens. Keeps nothing of its own. */
export function createIngress({ config, env, log }: IngressOptions): Service {
  const draining = new AbortController();
  let client: ChannelsClient | undefined;
  let slots: StreamSlots | undefined;
  let server: Server | undefined;
  let deliverer: CallbackDeliverer | undefined;

  return {
    async start() {
      if (config.redis.url === undefined) {
        throw new ConfigError(["redis.url: ingress needs the address of a Redis (REDIS_URL)"]);
      }
      const apiKey = readApiKey(env, config.dataDir);
      const callbackSecrets = readCallbackSecrets(config.callbacks, env);
      const { limits, retentionMs } = config;
      client = await openChannelsClient({
        url: config.redis.url,
        name: "pilotlight:ingress",
        limits: { ...limits, retentionMs },
        minReplicas: config.redis.minReplicas,
        defaultAgent: config.defaultAgent,
        preWarmMs: config.preWarmMs,
        log,
      });
      slots = createStreamSlots(limits.sseTotal, draining.signal);
      const context = { config, client, slots, callbackSecrets, draining: draining.signal };
      server = createHttpServer(createIngressApp({ context, apiKey, log }));
      server.maxConnections = limits.sseTotal + OTHER_CONNECTIONS;
      server.listen(config.http.port, config.http.host);
      await once(server, "listening");
      if (callbackSecrets.length > 0) {
        const { deadlineMs } = config.callbacks;
        deliverer = deliverCallbacks({
          ...config.callbacks,
          outbox: client.callbacks,
          sender: createSender({ rules: config.callbacks, secrets: callbackSecrets, deadlineMs }),
          log,
        });
      }
    },

    async drain() {
      draining.abort();
      const delivered = deliverer?.drain();
      const closing = server;
      if (closing?.listening) {
        const closed = once(closing, "close");
        closing.close();
        const timer = setInterval(() => closing.closeIdleConnections(), CLOSE_IDLE_EVERY_MS);
        await closed.finally(() => clearInterval(timer));
      }
      await delivered;
    },

    async stop() {
      draining.abort();
      slots?.stop();
      server?.close();
      server?.closeAllConnections();
      await deliverer?.stop();
      await client?.close();
    },

    url() {
      const address = server?.address();
      if (typeof address !== "object" || address === null) {
        throw new Error("the ingress does not listen");
      }
      return `http://${reachable(address.address)}:${address.port}`;
    },
  };
}

function createHttpServer(app: Parameters<typeof createServer>[1] & object): Server {
  const server = createServer(
    {
      maxHeaderSize: MOST_HEADER_BYTES,
      headersTimeout: HEAD_WAIT_MS,
      requestTimeout: REQUEST_WAIT_MS,
      connectionsCheckingInterval: CHECK_EVERY_MS,
      keepAliveTimeout: KEEP_ALIVE_MS,
      noDelay: true,
      // A missing Host is answered by us, in our form.
      requireHostHeader: false,
    },
    app,
  );
  server.maxHeadersCount = MOST_HEADERS_READ;
  server.on("clientError", answerClientError);
  // Whether a body is wanted is decided by who would read it; any other expectation is refused by `checkTarget`.
  server.on("checkContinue", app);
  server.on("checkExpectation", app);
  return server;
}

/** An address that listens everywhere is reached by loopback here. */
function reachable(address: string): string {
  if (address === "0.0.0.0" || address === "::") {
    return "127.0.0.1";
  }
  return address.includes(":") ? `[${address}]` : address;
}
