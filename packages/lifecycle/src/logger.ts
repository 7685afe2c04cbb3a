import pino, { type Logger as PinoLogger } from "pino";

export type Logger = PinoLogger;

/** JSON lines on stderr. Prompt bodies and secrets are not logged: callers log ids, and these paths are cut. */
export function createLogger(name: string, level: string): Logger {
  return pino(
    {
      name,
      level,
      redact: {
        paths: [
          "req.headers.authorization",
          "req.headers.cookie",
          "*.apiKey",
          "*.password",
          "prompt",
        ],
        censor: "[redacted]",
      },
    },
    pino.destination({ dest: 2, sync: true }),
  );
}
