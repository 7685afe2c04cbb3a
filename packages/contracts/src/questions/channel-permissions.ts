import { z } from "zod";
import { MOST_RULES, PERMISSION_POLICIES, permissionRuleSchema } from "./permission-rule.ts";

/** How long a question may wait for its answer, and an "always" may hold. */
export const MOST_ASK_SECS = 7 * 86_400;
export const MOST_GRANT_SECS = 30 * 86_400;

const rules = z.array(permissionRuleSchema).max(MOST_RULES);

/**
 * Who answers when a channel's agent asks: a policy, or a policy with rules that come before it. A deny rule wins over everything;
 * what it leaves out has the default of the configuration.
 */
export const channelPermissionsSchema = z.union([
  z.enum(PERMISSION_POLICIES),
  z.strictObject({
    policy: z.enum(PERMISSION_POLICIES).optional(),
    allow: rules.optional(),
    deny: rules.optional(),
    /** How long a question waits for its answer; then it is rejected. */
    askSecs: z.number().min(1).max(MOST_ASK_SECS).optional(),
    /** How long an "always" holds. */
    grantSecs: z.number().min(1).max(MOST_GRANT_SECS).optional(),
  }),
]);
export type ChannelPermissions = z.infer<typeof channelPermissionsSchema>;
