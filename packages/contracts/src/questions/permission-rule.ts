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

/** Others would never match, and who wrote one should hear of it: nothing outside is allowed or denied by its path. */
const pathPattern = pattern.refine(
  (path) =>
    !/^[/~]|\/$/.test(path) && !path.split("/").some((part) => ["", ".", ".."].includes(part)),
  "must be relative to the workspace, as src/** or **/.env, and stay inside of it",
);

/**
 * Which tool calls a rule is about: those for which every given field matches. `**` stands for anything, `*` and `?` stay
 * within a segment of a path, and in titles of commands that a rule allows within one command: they match none of
 * ``; & | < > ` $`` and no line end. `path` never matches outside of the workspace.
 */
export const permissionRuleSchema = z
  .strictObject({
    kind: z.enum(TOOL_KINDS).optional(),
    /** The tool's own name, where the agent tells it. */
    name: pattern.optional(),
    /** The command, where the call tells one; else what the agent calls it. A deny rule looks at both. */
    title: pattern.optional(),
    path: pathPattern.optional(),
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
