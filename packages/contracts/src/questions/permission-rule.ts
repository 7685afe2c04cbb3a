import { z } from "zod";

/** What a tool call may be about (ACP `ToolKind`). An agent that says nothing, or something else, says `other`. */
export const TOOL_KINDS = [
  "read",
  "edit",
  "delete",
  "move",
  "search",
  "execute",
  "think",
  "fetch",
  "switch_mode",
  "other",
] as const;
export type ToolKind = (typeof TOOL_KINDS)[number];

export const MOST_RULES = 50;
const MOST_PATTERN_CHARS = 500;

const pattern = z.string().min(1).max(MOST_PATTERN_CHARS);

/**
 * Which tool calls a rule is about: those for which every given field matches. Patterns know `*` (within a path segment),
 * `**` and `?`. `path` is relative to the workspace, and never matches outside of it.
 */
export const permissionRuleSchema = z
  .strictObject({
    kind: z.enum(TOOL_KINDS).optional(),
    /** The tool's own name, where the agent tells it. */
    name: pattern.optional(),
    /** What the agent calls this tool call; often the command that it runs. */
    title: pattern.optional(),
    path: pattern.optional(),
  })
  .refine((rule) => Object.keys(rule).length > 0, "needs at least one of kind, name, title, path");
export type PermissionRule = z.infer<typeof permissionRuleSchema>;

/**
 * What is answered where no rule says:
 *
 * - `ask`: a person is asked
 * - `approve-reads`: reading and searching inside the workspace is allowed, for everything else a person is asked
 * - `approve-all`, `deny-all`: nobody is asked
 */
export const PERMISSION_POLICIES = ["ask", "approve-reads", "approve-all", "deny-all"] as const;
export type PermissionPolicy = (typeof PERMISSION_POLICIES)[number];
