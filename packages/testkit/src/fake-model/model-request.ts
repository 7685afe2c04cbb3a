/** One block of a message: `text`, `tool_use`, `tool_result` and whatever else the client sends. */
export interface ContentBlock {
  readonly type: string;
  readonly text?: string;
  readonly tool_use_id?: string;
  readonly is_error?: boolean;
  readonly content?: unknown;
}

export interface ModelMessage {
  readonly role: "user" | "assistant" | "system";
  readonly content: string | readonly ContentBlock[];
}

/** A request to the Messages API, as far as tests look at it. */
export interface ModelRequest {
  readonly model: string;
  readonly system?: unknown;
  readonly messages: readonly ModelMessage[];
  readonly tools?: readonly { readonly name: string }[];
  readonly stream?: boolean;
}

/** What people wrote, oldest first: without tool results and without what the client adds on its own. */
export function userTexts(request: ModelRequest): readonly string[] {
  return request.messages
    .filter((message) => message.role === "user")
    .map((message) => blocksOf(message).map(spokenText).filter(Boolean).join("\n"))
    .filter((text) => text !== "");
}

/** The newest of them, or an empty text. */
export function lastUserText(request: ModelRequest): string {
  return userTexts(request).at(-1) ?? "";
}

/** What the model's tools answered in the newest message. */
export function toolResults(request: ModelRequest): readonly ContentBlock[] {
  const last = request.messages.at(-1);
  return last === undefined ? [] : blocksOf(last).filter((block) => block.type === "tool_result");
}

/** Whether it belongs to a turn. Clients also ask for titles and the like, without any tools. */
export function isTurnRequest(request: ModelRequest): boolean {
  return (request.tools?.length ?? 0) > 0;
}

function blocksOf(message: ModelMessage): readonly ContentBlock[] {
  return typeof message.content === "string"
    ? [{ type: "text", text: message.content }]
    : message.content;
}

function spokenText(block: ContentBlock): string {
  const text = block.type === "text" ? (block.text ?? "") : "";
  return text.replaceAll(/<system-reminder>[\s\S]*?<\/system-reminder>/g, "").trim();
}
