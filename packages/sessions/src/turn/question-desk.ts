import {
  CreateElicitationRequest,
  type CreateElicitationResponse,
  type PermissionOption,
  type RequestPermissionRequest,
  type RequestPermissionResponse,
  type SessionUpdate,
} from "@agentclientprotocol/sdk";
import { isAcpAnswer } from "../errors/from-acp-error.ts";
import { QuestionOverError } from "../errors/question-over-error.ts";
import { createToolCalls } from "./tool-calls.ts";
import type {
  ElicitationAsk,
  ElicitationVerdict,
  PermissionVerdict,
  TurnPeople,
} from "./turn-people.ts";

/** Takes what the agent asks in one turn to the people who answer, and their answers back. */
export interface QuestionDesk {
  /** Questions that wait for an answer. */
  readonly open: number;
  /** What the agent says of its tool calls belongs to what it asks about them later. */
  note(update: SessionUpdate): void;
  /** `withdrawn` aborts when the agent does not want to know any more. */
  permission(
    request: RequestPermissionRequest,
    withdrawn: AbortSignal,
  ): Promise<RequestPermissionResponse>;
  elicitation(
    request: CreateElicitationRequest,
    withdrawn: AbortSignal,
  ): Promise<CreateElicitationResponse>;
  /** The person did what this question sent them to a page for, so nothing is left to answer. */
  complete(elicitationId: string): void;
  /** Answers every open question `cancelled`, and every later one. The first reason counts. */
  cancel(because: "turn_cancelled" | "turn_ended"): void;
}

export interface QuestionDeskOptions {
  /** Default: everything is rejected. */
  readonly people: TurnPeople | undefined;
  /** Called when a question opens and when one is over. */
  onChange(): void;
}

const REJECTING: TurnPeople = {
  permission: () => Promise.resolve({ at: "rejected" }),
  elicitation: () => Promise.resolve({ at: "cancelled" }),
};
const CANCELLED: RequestPermissionResponse = { outcome: { outcome: "cancelled" } };

export function createQuestionDesk({ people, onChange }: QuestionDeskOptions): QuestionDesk {
  const answering = people ?? REJECTING;
  const over = new AbortController();
  const toolCalls = createToolCalls();
  /** Open questions that send a person to a page. */
  const visits = new Map<string, AbortController>();
  let open = 0;

  /** The answer, or `undefined` where the question is over without one. Never rejects. */
  async function put<Verdict>(
    question: (signal: AbortSignal) => Promise<Verdict>,
    instead: Verdict,
    ends: readonly AbortSignal[],
  ): Promise<Verdict | undefined> {
    const ending = watchEnds([over.signal, ...ends]);
    const { signal } = ending;
    try {
      if (signal.aborted) {
        return undefined;
      }
      open += 1;
      onChange();
      try {
        const answer = await Promise.race([question(signal), onceAborted(signal)]);
        // An answer that comes together with the end comes too late: the agent may have heard of the end before.
        return signal.aborted ? undefined : answer;
      } catch {
        // Whoever answers reports why they could not.
        return signal.aborted ? undefined : instead;
      } finally {
        open -= 1;
        onChange();
      }
    } finally {
      // What is answered does not end any more.
      ending.stop();
    }
  }

  return {
    get open() {
      return open;
    },
    note: (update) => toolCalls.note(update),
    async permission({ toolCall, options }, withdrawn) {
      const ask = { toolCall: toolCalls.complete(toolCall), options };
      const verdict = await put<PermissionVerdict>(
        async (signal) => await answering.permission(ask, signal),
        { at: "rejected" },
        [withdrawn],
      );
      return verdict === undefined ? CANCELLED : responseOf(verdict, options);
    },
    async elicitation(request, withdrawn) {
      const ask = askOf(request);
      if (ask === undefined) {
        return { action: "cancel" };
      }
      const visit = new AbortController();
      if (ask.mode === "url") {
        visits.set(ask.elicitationId, visit);
      }
      const verdict = await put<ElicitationVerdict>(
        async (signal) => await answering.elicitation(ask, signal),
        { at: "cancelled" },
        [withdrawn, visit.signal],
      );
      if (ask.mode === "url" && visits.get(ask.elicitationId) === visit) {
        visits.delete(ask.elicitationId);
      }
      if (verdict === undefined && visit.signal.aborted && !over.signal.aborted) {
        return { action: "accept" };
      }
      return elicited(verdict ?? { at: "cancelled" });
    },
    complete: (elicitationId) => {
      visits.get(elicitationId)?.abort(new QuestionOverError("visit_completed"));
    },
    cancel: (because) => over.abort(new QuestionOverError(because)),
  };
}

/** The answer to a permission request that no turn of ours explains. */
export function rejectPermission({ options }: RequestPermissionRequest): RequestPermissionResponse {
  return responseOf({ at: "rejected" }, options);
}

/** Options are told by their kind: their ids differ between agents. */
function responseOf(
  verdict: PermissionVerdict,
  options: readonly PermissionOption[],
): RequestPermissionResponse {
  if (verdict.at === "cancelled") {
    return CANCELLED;
  }
  const ofKind = (kind: PermissionOption["kind"]) => options.find((one) => one.kind === kind);
  const option =
    (verdict.at === "selected" && options.find((one) => one.optionId === verdict.optionId)) ||
    (ofKind("reject_once") ?? ofKind("reject_always"));
  return option === undefined
    ? CANCELLED
    : { outcome: { outcome: "selected", optionId: option.optionId } };
}

/** Undefined for a mode that we did not offer. */
function askOf(request: CreateElicitationRequest): ElicitationAsk | undefined {
  const { message } = request;
  if (CreateElicitationRequest.isForm(request)) {
    const { requestedSchema } = request;
    return { mode: "form", message, requestedSchema, ...toolCallOf(request) };
  }
  if (CreateElicitationRequest.isUrl(request)) {
    const { url, elicitationId } = request;
    return { mode: "url", message, url, elicitationId, ...toolCallOf(request) };
  }
  return undefined;
}

function toolCallOf(request: object): { readonly toolCallId?: string } {
  return "toolCallId" in request && typeof request.toolCallId === "string"
    ? { toolCallId: request.toolCallId }
    : {};
}

function elicited(verdict: ElicitationVerdict): CreateElicitationResponse {
  switch (verdict.at) {
    case "accepted":
      return verdict.content === undefined
        ? { action: "accept" }
        : { action: "accept", content: { ...verdict.content } };
    case "declined":
      return { action: "decline" };
    case "cancelled":
      return { action: "cancel" };
  }
}

/** Aborts at the first of the ends, and never after `stop`. */
function watchEnds(ends: readonly AbortSignal[]) {
  const first = new AbortController();
  const watched = ends.map((signal) => {
    const end = () => first.abort(overBecause(signal.reason));
    if (signal.aborted) {
      end();
    }
    signal.addEventListener("abort", end, { once: true });
    return () => signal.removeEventListener("abort", end);
  });
  return {
    signal: first.signal,
    stop: () => {
      for (const unwatch of watched) {
        unwatch();
      }
    },
  };
}

/** The SDK aborts a request's signal when the agent takes it back, and when the connection is lost. */
function overBecause(reason: unknown): QuestionOverError {
  if (reason instanceof QuestionOverError) {
    return reason;
  }
  return new QuestionOverError(isAcpAnswer(reason) ? "question_withdrawn" : "agent_gone", reason);
}

function onceAborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    signal.addEventListener("abort", () => resolve(undefined), { once: true });
  });
}
