import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { SessionInfo } from "@agentclientprotocol/sdk";
import { readConversation } from "./conversation.ts";

/** Every stored conversation (of `cwd`, where it is given), the last used one first. */
export function listConversations(home: string, cwd: string | undefined): SessionInfo[] {
  const dir = join(home, "sessions");
  const names = existsSync(dir) ? readdirSync(dir) : [];
  return names
    .flatMap((name): SessionInfo[] => {
      const found = readConversation(home, name.replace(/\.jsonl$/, ""));
      if (found === undefined || (cwd !== undefined && found.cwd !== cwd)) {
        return [];
      }
      return [
        {
          sessionId: found.sessionId,
          cwd: found.cwd,
          title: found.messages[0]?.text.slice(0, 60) ?? null,
          updatedAt: statSync(join(dir, name)).mtime.toISOString(),
        },
      ];
    })
    .sort((a, b) => String(b.updatedAt).localeCompare(String(a.updatedAt)));
}
