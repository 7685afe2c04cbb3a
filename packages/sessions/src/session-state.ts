import type { SessionEnd } from "./agent-session.ts";

/**
 * Where a session stands. README.md draws it.
 *
 * - `idle`: open, takes a prompt
 * - `prompting`: one turn runs
 * - `stuck`: a cancelled turn was never answered; the agent may still be at it
 * - `closing`: on its way down the stop ladder
 * - `lost`: process or connection ended by itself; what is left of the tree is being killed
 * - `ended`: nothing of it is left
 */
export type SessionState =
  | { readonly at: "idle" }
  | { readonly at: "prompting" }
  | { readonly at: "stuck" }
  | { readonly at: "closing" }
  | { readonly at: "lost" }
  | { readonly at: "ended"; readonly end: SessionEnd };

export type SessionEvent =
  | { readonly type: "prompted" }
  | { readonly type: "settled" }
  | { readonly type: "unsettled" }
  | { readonly type: "close-asked" }
  | { readonly type: "agent-lost" }
  | { readonly type: "tree-empty"; readonly end: SessionEnd };

/** The state after an event; the same state where the event changes nothing any more. */
export function nextSessionState(state: SessionState, event: SessionEvent): SessionState {
  switch (event.type) {
    case "prompted":
      return state.at === "idle" ? { at: "prompting" } : state;
    case "settled":
      return state.at === "prompting" ? { at: "idle" } : state;
    case "unsettled":
      return state.at === "prompting" ? { at: "stuck" } : state;
    case "close-asked":
      return isOpen(state) ? { at: "closing" } : state;
    case "agent-lost":
      return isOpen(state) ? { at: "lost" } : state;
    case "tree-empty":
      return state.at === "ended" ? state : { at: "ended", end: event.end };
  }
}

/** Whether the session may serve a prompt now or after the running turn. */
export function isUsable(state: SessionState): boolean {
  return state.at === "idle" || state.at === "prompting";
}

function isOpen(state: SessionState): boolean {
  return isUsable(state) || state.at === "stuck";
}
