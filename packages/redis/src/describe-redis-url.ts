/** The URL for people: without user, password and query. */
export function describeRedisUrl(url: string): string {
  const [, scheme = "", rest = ""] = /^([a-z+]+:\/\/)([^?]*)/.exec(url) ?? [];
  return scheme + rest.slice(rest.lastIndexOf("@") + 1);
}
