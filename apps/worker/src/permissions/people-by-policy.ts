import { chooseOption, describeToolCall, judge, workspaceOnDisk } from "@pilotlight/permissions";
import type { TurnPeople } from "@pilotlight/sessions";
import type { PermissionProfile } from "../channel-profile.ts";

/** A permission that a policy granted. */
export interface PermissionGrant {
  readonly toolCallId: string;
  readonly title: string;
  readonly kind: string;
  readonly optionId: string;
}

export interface PeopleByPolicyOptions {
  readonly permissions: Pick<PermissionProfile, "policy" | "allow" | "deny">;
  /** Where the agent works. Undefined: that is not known, and everything is rejected. */
  readonly directory: string | undefined;
  /** Awaited before the agent hears of it; where it fails, the request is rejected. */
  recordGrant(grant: PermissionGrant): Promise<void>;
}

/** Nobody: rules and a policy answer permission requests, and other questions of the agent stay unanswered. */
export function peopleByPolicy(given: PeopleByPolicyOptions): TurnPeople {
  return {
    async permission({ toolCall, options }) {
      if (given.directory === undefined) {
        return { at: "rejected" };
      }
      const workspace = workspaceOnDisk(given.directory);
      const { facts, shown } = describeToolCall(toolCall, options, workspace);
      const verdict = judge(facts, { ...given.permissions, grants: [], nowMs: Date.now() });
      const option = verdict.at === "allow" ? chooseOption(options, "allow_once") : undefined;
      if (option === undefined) {
        return { at: "rejected" };
      }
      const { optionId } = option;
      const { toolCallId, title, kind } = shown;
      // An unrecorded grant could not be told from none after a crash.
      await given.recordGrant({ toolCallId, title, kind, optionId });
      return { at: "selected", optionId };
    },
    elicitation: () => Promise.resolve({ at: "cancelled" }),
  };
}
