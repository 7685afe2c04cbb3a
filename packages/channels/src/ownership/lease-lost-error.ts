import { PilotlightError } from "@pilotlight/contracts";

/** Somebody else owns the channel, or this worker's own life has ended: whatever was being written is refused. */
export class LeaseLostError extends PilotlightError {
  readonly channel: string;
  readonly fence: string;

  constructor(channel: string, fence: string) {
    super("LEASE_LOST", `channel ${channel} is no longer ours (fence ${fence})`, {
      retryable: true,
    });
    this.channel = channel;
    this.fence = fence;
  }
}
