import { z } from "zod";
import { ConfigError } from "./config-error.ts";

/** What is to be known about callbacks, without the secrets that sign them. */
export interface CallbackConfig {
  /** `http://` as well, on port 80. */
  readonly allowHttp: boolean;
  /** `host:port`, as a parsed URL has them: may be http, and may be at any address. */
  readonly allowPrivate: readonly string[];
  /** Ports at public addresses besides the usual ones. */
  readonly ports: readonly number[];
  /** For one try. */
  readonly deadlineMs: number;
  /** The pause after the first failure. */
  readonly retryMs: number;
  /** How long one is tried. */
  readonly giveUpMs: number;
  /** Which environment variable holds the secrets of which hosts: a host, `*.` and the end of one, or `*`. */
  readonly secrets: readonly { readonly host: string; readonly env: string }[];
}

/** The secrets of the hosts that a pattern names; one or two, each `whsec_` and base64. */
export interface CallbackSecrets {
  readonly host: string;
  readonly secrets: readonly string[];
}

const MOST_SECRETS = 2;
const FEWEST_KEY_BYTES = 24;
const MOST_KEY_BYTES = 64;

const variable = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "must be the name of a variable");
const port = z.number().int().min(1).max(65_535);
const hostPattern = z
  .string()
  .regex(/^(\*\.)?[a-z0-9:[\].-]+$/, 'must be a host, as "example.com" or "*.example.com"');
const HOST_AND_PORT = /^(\[[^\]]+\]|[^:/?#@\\\s[\]]+):(\d{1,5})$/;
const hostAndPort = z.string().transform((given, context) => {
  const [, host = "", digits = ""] = HOST_AND_PORT.exec(given) ?? [];
  const url = URL.parse(`http://${host}/`);
  if (url === null || Number(digits) < 1 || Number(digits) > 65_535) {
    context.addIssue({ code: "custom", message: 'must be host:port, as "127.0.0.1:9000"' });
    return z.NEVER;
  }
  return `${url.hostname}:${Number(digits)}`;
});

/** The section `[callbacks]` of `pilotlight.toml`. */
export const callbacksSchema = z.strictObject({
  /** The environment variable that holds the secret, or two of them, where no pattern of `secrets` fits. */
  secret_env: variable.optional(),
  /** The same for the hosts that a pattern names. */
  secrets: z.record(hostPattern, variable).default({}),
  allow_http: z.boolean().default(false),
  /** `host:port` that may be private, and http. */
  allow_private: z.array(hostAndPort).default([]),
  ports: z.array(port).default([]),
  deadline_secs: z.number().min(0.1).max(60).default(10),
  retry_secs: z.number().min(0.1).max(600).default(5),
  give_up_secs: z.number().min(1).max(86_400).default(86_400),
});

export function callbacksOf(given: z.output<typeof callbacksSchema>): CallbackConfig {
  const secrets = Object.entries(given.secrets).map(([host, env]) => ({ host, env }));
  return {
    allowHttp: given.allow_http,
    allowPrivate: given.allow_private,
    ports: given.ports,
    deadlineMs: given.deadline_secs * 1000,
    retryMs: given.retry_secs * 1000,
    giveUpMs: given.give_up_secs * 1000,
    secrets:
      given.secret_env === undefined ? secrets : [...secrets, { host: "*", env: given.secret_env }],
  };
}

type Environment = Readonly<Record<string, string | undefined>>;

/** What is wrong with the secrets that the environment holds, without telling them. */
export function callbackSecretFaults(config: CallbackConfig, env: Environment): string[] {
  return config.secrets.flatMap(({ host, env: name }) => {
    const setting = host === "*" ? "callbacks.secret_env" : `callbacks.secrets.${host}`;
    const secrets = secretsIn(env[name]);
    if (secrets.length === 0) {
      return [`${setting}: ${name} is not set`];
    }
    if (secrets.length > MOST_SECRETS) {
      return [`${setting}: ${name} holds ${secrets.length} secrets; ${MOST_SECRETS} may be active`];
    }
    return secrets.every(isSecret)
      ? []
      : [
          `${setting}: ${name} must hold whsec_ and base64 of ${FEWEST_KEY_BYTES} to ${MOST_KEY_BYTES} bytes, or two such, parted by a space`,
        ];
  });
}

/**
 * The secrets themselves, for the process that signs.
 *
 * @throws ConfigError with every fault at once.
 */
export function readCallbackSecrets(
  config: CallbackConfig,
  env: Environment,
): readonly CallbackSecrets[] {
  const faults = callbackSecretFaults(config, env);
  if (faults.length > 0) {
    throw new ConfigError(faults);
  }
  return config.secrets.map(({ host, env: name }) => ({ host, secrets: secretsIn(env[name]) }));
}

function secretsIn(text: string | undefined): string[] {
  return (text ?? "").split(/[\s,]+/).filter((secret) => secret !== "");
}

function isSecret(text: string): boolean {
  const base64 = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(text)?.[1] ?? "";
  const bytes = Buffer.from(base64, "base64").length;
  return base64.length % 4 === 0 && bytes >= FEWEST_KEY_BYTES && bytes <= MOST_KEY_BYTES;
}
