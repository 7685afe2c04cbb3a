import type { RequestPermissionRequest, RequestPermissionResponse } from "@agentclientprotocol/sdk";
import type { PermissionGrant, TurnPermissions } from "../agent-session.ts";
import { chooseOption, type PermissionChoice, rejection } from "./choose-option.ts";

/** Answers the permission requests of one turn. */
export interface PermissionDesk {
  /** Requests that wait for an answer. */
  readonly open: number;
  answer(request: RequestPermissionRequest): Promise<RequestPermissionResponse>;
  /** Answers every open request `cancelled`, and every later one. */
  cancel(): void;
}

export interface PermissionDeskOptions {
  readonly permissions: TurnPermissions;
  /** Called when a request opens and when one is answered. */
  onChange(): void;
}

const CANCELLED: RequestPermissionResponse = { outcome: { outcome: "cancelled" } };

export function createPermissionDesk(options: PermissionDeskOptions): PermissionDesk {
  const { permissions } = options;
  const cancelled = new AbortController();
  let open = 0;

  async function decide(request: RequestPermissionRequest): Promise<RequestPermissionResponse> {
    const choice = chooseOption(permissions.policy, request.options);
    if (choice.at === "reject") {
      return respond(choice);
    }
    try {
      await permissions.recordGrant(grantOf(request, choice.option.optionId));
      return respond(choice);
    } catch {
      // An unrecorded grant could not be told from none after a crash. Who records reports the failure.
      return respond(rejection(request.options));
    }
  }

  return {
    get open() {
      return open;
    },
    async answer(request) {
      if (cancelled.signal.aborted) {
        return CANCELLED;
      }
      open += 1;
      options.onChange();
      try {
        return await Promise.race([decide(request), onceAborted(cancelled.signal)]);
      } finally {
        open -= 1;
        options.onChange();
      }
    },
    cancel: () => cancelled.abort(),
  };
}

/** The answer to a request that no turn of ours explains. */
export function rejectPermission(request: RequestPermissionRequest): RequestPermissionResponse {
  return respond(rejection(request.options));
}

function respond({ option }: PermissionChoice): RequestPermissionResponse {
  return option === undefined
    ? CANCELLED
    : { outcome: { outcome: "selected", optionId: option.optionId } };
}

function grantOf(request: RequestPermissionRequest, optionId: string): PermissionGrant {
  const { toolCallId, title, kind } = request.toolCall;
  return { toolCallId, title: title ?? "", kind: kind ?? "other", optionId };
}

function onceAborted(signal: AbortSignal): Promise<RequestPermissionResponse> {
  return new Promise((resolve) => {
    signal.addEventListener("abort", () => resolve(CANCELLED), { once: true });
  });
}
