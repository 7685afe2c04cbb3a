import type { RequestHandler } from "express";
import { HttpProblem } from "../http/http-problem.ts";

const HOST = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::\d{1,5})?$/;
const LOOPBACK = ["localhost", "127.0.0.1", "[::1]"];
const ANY_ADDRESS = ["0.0.0.0", "::", "[::]"];

/**
 * Serves the names of this machine that are known to be ours only: a page of a foreign site that lets its name point
 * at us (DNS rebinding) gets nothing.
 */
export function checkHost(listeningHost: string, allowed: readonly string[]): RequestHandler {
  const names = new Set([...LOOPBACK, ...allowed.map(nameOf)]);
  if (!ANY_ADDRESS.includes(listeningHost)) {
    names.add(nameOf(listeningHost.includes(":") ? `[${listeningHost}]` : listeningHost));
  }
  return (req, _res, next) => {
    const name = HOST.exec(onlyHost(req.rawHeaders).toLowerCase())?.[1];
    if (name === undefined) {
      throw new HttpProblem("host_not_allowed", "The Host header is malformed.", { status: 400 });
    }
    if (!names.has(name)) {
      throw new HttpProblem("host_not_allowed", "Requests for this host name are not served.");
    }
    next();
  };
}

/** Node keeps the first of several; another reader on the way may have taken the last. */
function onlyHost(rawHeaders: readonly string[]): string {
  let host: string | undefined;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    if (rawHeaders[i]?.length === 4 && rawHeaders[i]?.toLowerCase() === "host") {
      if (host !== undefined) {
        throw new HttpProblem("host_not_allowed", "There are several Host headers.", {
          status: 400,
        });
      }
      host = rawHeaders[i + 1];
    }
  }
  if (host === undefined) {
    throw new HttpProblem("host_not_allowed", "The Host header is missing.", { status: 400 });
  }
  return host;
}

function nameOf(host: string): string {
  return host.toLowerCase().replace(/:\d{1,5}$/, "");
}
