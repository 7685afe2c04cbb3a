export interface NodeAddress {
  readonly host: string;
  readonly port: number;
}

/** `host[:port],[v6]:port,...`; undefined where a part is none. */
export function parseNodeList(
  text: string,
  defaultPort: number,
): readonly NodeAddress[] | undefined {
  const nodes = text.split(",").map((part) => {
    const match = /^(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::(\d{1,5}))?$/.exec(part.trim());
    const port = Number(match?.[2] ?? defaultPort);
    return match?.[1] === undefined || port < 1 || port > 65_535
      ? undefined
      : { host: match[1].replace(/^\[|\]$/g, ""), port };
  });
  return nodes.every((node) => node !== undefined) ? nodes : undefined;
}
