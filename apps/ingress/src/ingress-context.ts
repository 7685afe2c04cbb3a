import type { ChannelsClient } from "@pilotlight/channels";
import type { CallbackSecrets, PilotlightConfig } from "@pilotlight/contracts";
import type { StreamSlots } from "./sse/stream-slots.ts";

/** What every route works with. */
export interface IngressContext {
  readonly config: PilotlightConfig;
  readonly client: ChannelsClient;
  readonly slots: StreamSlots;
  /** What signs callbacks; none: there are no callbacks. */
  readonly callbackSecrets: readonly CallbackSecrets[];
  /** Aborts when the process has to end: streams end, waits are cut short. */
  readonly draining: AbortSignal;
}
