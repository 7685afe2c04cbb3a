import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { SessionInfo } from "@agentclientprotocol/sdk";
import { type Head, isHead, readConversationFile, sessionsDir } from "./conversation-file.ts";

const TITLE_CHARS = 60;

/** Every stored conversation (of `cwd`, where it is given), the last used one first. */
export async function listConversations(
  home: string,
  cwd: string | undefined,
): Promise<SessionInfo[]> {
  const dir = sessionsDir(home);
  const found: SessionInfo[] = [];
  for (const name of existsSync(dir) ? readdirSync(dir) : []) {
    const beginning = await beginningOf(join(dir, name));
    if (beginning !== undefined && (cwd === undefined || beginning.head.cwd === cwd)) {
      found.push({
        sessionId: beginning.head.sessionId,
        cwd: beginning.head.cwd,
        title: beginning.title ?? null,
        updatedAt: statSync(join(dir, name)).mtime.toISOString(),
      });
    }
  }
  return found.sort((a, b) => String(b.updatedAt).localeCompare(String(a.updatedAt)));
}

async function beginningOf(file: string): Promise<{ head: Head; title?: string } | undefined> {
  let head: Head | undefined;
  for await (const line of readConversationFile(file)) {
    if (isHead(line)) {
      head ??= line;
    } else if (head !== undefined && "text" in line) {
      return { head, title: line.text.slice(0, TITLE_CHARS) };
    }
  }
  return head === undefined ? undefined : { head };
}
