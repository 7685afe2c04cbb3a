import type {
  ElicitationContentValue,
  ElicitationSchema,
  PermissionOption,
  ToolCallUpdate,
} from "@agentclientprotocol/sdk";

/** What the agent wants to do and asks leave for. */
export interface PermissionAsk {
  /**
   * The tool call as the request tells it, completed by what the agent said of the same `toolCallId` in this turn before.
   * Of a call that it had told more than 256 Ki characters about, only the request itself.
   */
  readonly toolCall: ToolCallUpdate;
  readonly options: readonly PermissionOption[];
}

export type PermissionVerdict =
  /** One of the offered options; another one counts as `rejected`. */
  | { readonly at: "selected"; readonly optionId: string }
  /** By kind: `reject_once`, else `reject_always`, else as `cancelled`. */
  | { readonly at: "rejected" }
  | { readonly at: "cancelled" };

/** Something that the agent wants to know from a person (ACP's elicitation). */
export type ElicitationAsk =
  | {
      readonly mode: "form";
      readonly message: string;
      /** JSON Schema of an object whose properties are strings, numbers, booleans and lists of strings. */
      readonly requestedSchema: ElicitationSchema;
      readonly toolCallId?: string;
    }
  | {
      readonly mode: "url";
      readonly message: string;
      /** Where the person has to go. The agent's word: it may lead anywhere. */
      readonly url: string;
      readonly elicitationId: string;
      readonly toolCallId?: string;
    };

export type ElicitationVerdict =
  | {
      readonly at: "accepted";
      /** For a form: what was filled in. Whether it fits the schema is the caller's to check. */
      readonly content?: Readonly<Record<string, ElicitationContentValue>>;
    }
  | { readonly at: "declined" }
  | { readonly at: "cancelled" };

/**
 * Who answers what the agent asks in a turn. Where a method rejects, the request is rejected. `signal` aborts when the
 * question is over without an answer: the turn was cancelled or ended, the agent withdrew it or is gone; its reason is a
 * QuestionOverError that says which. It never aborts after an answer, and what is answered after it is dropped.
 */
export interface TurnPeople {
  permission(ask: PermissionAsk, signal: AbortSignal): Promise<PermissionVerdict>;
  elicitation(ask: ElicitationAsk, signal: AbortSignal): Promise<ElicitationVerdict>;
}
