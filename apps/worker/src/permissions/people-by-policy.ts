import type { PermissionPolicy } from "@pilotlight/contracts";
import type { TurnPeople } from "@pilotlight/sessions";
import { chooseOption } from "./choose-option.ts";

/** A permission that a policy granted. */
export interface PermissionGrant {
  readonly toolCallId: string;
  readonly title: string;
  readonly kind: string;
  readonly optionId: string;
}

export interface PeopleByPolicyOptions {
  readonly policy: PermissionPolicy;
  /** Awaited before the agent hears of it; where it fails, the request is rejected. */
  recordGrant(grant: PermissionGrant): Promise<void>;
}

/** Nobody: a policy answers permission requests, and other questions of the agent stay unanswered. */
export function peopleByPolicy({ policy, recordGrant }: PeopleByPolicyOptions): TurnPeople {
  return {
    async permission({ toolCall, options }) {
      const option = chooseOption(policy, options);
      if (option === undefined) {
        return { at: "rejected" };
      }
      const { toolCallId, title, kind } = toolCall;
      const { optionId } = option;
      // An unrecorded grant could not be told from none after a crash.
      await recordGrant({ toolCallId, title: title ?? "", kind: kind ?? "other", optionId });
      return { at: "selected", optionId };
    },
    elicitation: () => Promise.resolve({ at: "cancelled" }),
  };
}
