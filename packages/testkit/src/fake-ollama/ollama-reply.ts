/** What `POST /api/chat` was asked. */
export interface OllamaChatRequest {
  readonly model: string;
  readonly messages: readonly { readonly role: string; readonly content: string }[];
  readonly stream?: boolean;
  readonly options?: Readonly<Record<string, unknown>>;
}

/** How it is met. */
export type OllamaReply =
  | {
      readonly kind: "answer";
      readonly pieces: readonly OllamaPiece[];
      /** `hang` keeps the connection open, `drop` breaks it, `stop-short` ends the answer before its last line. */
      readonly end: "stop" | "length" | "hang" | "drop" | "stop-short";
    }
  /** An error in the middle of the stream, as Ollama tells it. */
  | { readonly kind: "failure"; readonly pieces: readonly OllamaPiece[]; readonly error: string }
  /** Another status than 200. */
  | { readonly kind: "refusal"; readonly status: number; readonly error: string }
  /** Takes the request and never answers. */
  | { readonly kind: "silence" };

/** A piece of the answer, or of the thinking before it. */
export type OllamaPiece = string | { readonly thinking: string };

export type OllamaScript = (request: OllamaChatRequest) => OllamaReply;

export function answerWith(...pieces: OllamaPiece[]): OllamaReply {
  return { kind: "answer", pieces, end: "stop" };
}

/** Tells what it was shown, so that a test sees what is remembered. */
export const recallScript: OllamaScript = ({ messages }) => {
  const told = messages.map(({ role, content }) => `${role}: ${content}`);
  return answerWith("I was shown ", `${messages.length} message(s). `, told.join(" | "));
};
