import {
  type ChannelsClient,
  StoreUnavailableError,
  type StreamOptions,
} from "@pilotlight/channels";
import { type ChannelEvent, PilotlightError } from "@pilotlight/contracts";
import { withDeadline } from "@pilotlight/lifecycle";

export type EventBatches = AsyncGenerator<readonly ChannelEvent[], void, void>;

const SUBSCRIBE_WAIT_MS = 2000;

/**
 * Listens to a channel: once this resolves nothing is missed.
 *
 * @throws StoreUnavailableError where that takes more than 2 s
 */
export async function openEvents(
  client: ChannelsClient,
  channel: string,
  options: StreamOptions,
): Promise<EventBatches> {
  const batches = client.streamEvents(channel, options);
  const cannot = (cause?: unknown) =>
    new StoreUnavailableError("the channel's events cannot be read", "none", "silent", cause);
  try {
    await withDeadline(batches.next(), SUBSCRIBE_WAIT_MS, cannot);
    return batches;
  } catch (error) {
    closeEvents(batches);
    throw error instanceof PilotlightError ? error : cannot(error);
  }
}

/** Ends a listener that nobody reads any more. */
export function closeEvents(batches: EventBatches): void {
  batches.return().catch(() => undefined);
}
