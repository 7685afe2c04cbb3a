import { PilotlightError } from "@pilotlight/contracts";

/** The channel's settings ask for something that is not there on this worker. No agent was started for it. */
export class ChannelSetupError extends PilotlightError {
  constructor(channel: string, reason: string) {
    super("channel_setup_failed", `channel ${channel} cannot be opened here: ${reason}`);
  }
}
