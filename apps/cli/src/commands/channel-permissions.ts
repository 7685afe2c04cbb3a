import {
  type ChannelPermissions,
  type PermissionPolicy,
  type PermissionRule,
  permissionRuleSchema,
} from "@pilotlight/contracts";
import { InvalidArgumentError } from "commander";

/** What `channel set` may say about permissions. */
export interface PermissionOptions {
  readonly permissions?: PermissionPolicy;
  readonly allow?: readonly PermissionRule[];
  readonly deny?: readonly PermissionRule[];
  readonly askSecs?: number;
  readonly grantSecs?: number;
}

/** `kind=edit,path=src/**`; a comma divides only where the next field begins. */
export function parseRule(text: string): PermissionRule {
  const fields: Record<string, string> = {};
  for (const part of text.split(/,(?=(?:kind|name|title|path)=)/)) {
    const at = part.indexOf("=");
    const field = part.slice(0, at);
    if (at < 1 || field in fields) {
      throw new InvalidArgumentError("must be as kind=edit,path=src/**, each field once");
    }
    fields[field] = part.slice(at + 1);
  }
  const parsed = permissionRuleSchema.safeParse(fields);
  if (!parsed.success) {
    throw new InvalidArgumentError(
      parsed.error.issues.map(({ path, message }) => [...path, message].join(": ")).join("; "),
    );
  }
  return parsed.data;
}

/** One more of a repeated option. */
export function collectRule(
  text: string,
  before: readonly PermissionRule[] = [],
): readonly PermissionRule[] {
  return [...before, parseRule(text)];
}

/** The setting with what the options change; undefined where they change nothing of it. */
export function changePermissions(
  before: ChannelPermissions | undefined,
  { permissions, allow, deny, askSecs, grantSecs }: PermissionOptions,
): ChannelPermissions | undefined {
  const given = { policy: permissions, allow, deny, askSecs, grantSecs };
  const changes = Object.entries(given).filter(([, value]) => value !== undefined);
  if (changes.length === 0) {
    return undefined;
  }
  const own = typeof before === "string" ? { policy: before } : before;
  const next: ChannelPermissions = { ...own, ...Object.fromEntries(changes) };
  const { policy, ...rest } = next;
  return policy !== undefined && Object.keys(rest).length === 0 ? policy : next;
}
