export { retryDelayMs } from "./retry-delay.ts";
export type { Callback, CallbackError, CallbackFailure, Delivery } from "./send/callback.ts";
export { type CallbackSender, createSender, type SenderOptions } from "./send/create-sender.ts";
export { type CallbackRules, checkTarget, type Target } from "./target/check-target.ts";
export { type HostSecrets, secretsFor } from "./target/secrets-for.ts";
