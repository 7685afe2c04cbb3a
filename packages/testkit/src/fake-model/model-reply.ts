/** A piece of an answer. It is sent once `after` has resolved, and then `afterMs` have passed. */
export type ReplyPart = (
  | { readonly kind: "text"; readonly text: string }
  | {
      readonly kind: "tool-use";
      readonly name: string;
      readonly input: Readonly<Record<string, unknown>>;
    }
) & { readonly after?: Promise<unknown>; readonly afterMs?: number };

/** How the fake model meets one request. */
export type ModelReply =
  /** A whole answer, streamed piece by piece. */
  | { readonly kind: "answer"; readonly parts: readonly ReplyPart[] }
  /** An HTTP error in the API's own form. */
  | { readonly kind: "error"; readonly status: number; readonly type: string }
  /** These pieces, and then silence on an open connection. */
  | { readonly kind: "hang"; readonly parts: readonly ReplyPart[] }
  /** These pieces, and then the connection breaks. */
  | { readonly kind: "drop"; readonly parts: readonly ReplyPart[] };

/** An answer in as many pieces as texts are given. */
export function say(...texts: readonly string[]): ModelReply {
  return { kind: "answer", parts: texts.map((text) => ({ kind: "text", text })) };
}

/** An answer that calls one tool. */
export function callTool(name: string, input: Readonly<Record<string, unknown>>): ModelReply {
  return { kind: "answer", parts: [{ kind: "tool-use", name, input }] };
}
