/** What is read of an ACP tool call; `ToolCallUpdate` of the SDK is one. Nothing in it can be trusted to have its shape. */
export interface ToolCallInput {
  readonly toolCallId: string;
  readonly kind?: string | null | undefined;
  readonly title?: string | null | undefined;
  readonly name?: string | null | undefined;
  readonly content?: readonly unknown[] | null | undefined;
  readonly locations?: readonly unknown[] | null | undefined;
  readonly rawInput?: unknown;
  readonly _meta?: Readonly<Record<string, unknown>> | null | undefined;
}

/** An option as the agent offers it. */
export interface OptionInput {
  readonly optionId: string;
  readonly name: string;
  readonly kind: string;
}
