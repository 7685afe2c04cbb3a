import type { LiveSession, OwnedChannel, ShownQuestion } from "@pilotlight/channels";
import { type GivenAnswer, newQuestionId, visibleText } from "@pilotlight/contracts";
import {
  chooseOption,
  describeToolCall,
  judge,
  scopeOf,
  type ToolCallDescription,
  type Verdict,
  workspaceOnDisk,
} from "@pilotlight/permissions";
import {
  type ElicitationAsk,
  type ElicitationVerdict,
  type PermissionAsk,
  type PermissionVerdict,
  QuestionOverError,
  type TurnPeople,
} from "@pilotlight/sessions";
import type { PermissionProfile } from "../channel-profile.ts";
import { contentOf, describeElicitation } from "./elicitation.ts";
import { createOpenQuestions } from "./open-questions.ts";

/** Takes what the agent asks in one turn to rules, policy and people, and their answers back. */
export interface TurnDesk extends TurnPeople {
  /** Questions that people can answer now. */
  readonly open: number;
  /** Somebody may have answered. */
  look(): void;
}

export interface TurnDeskOptions {
  readonly owned: OwnedChannel;
  readonly promptId: string;
  readonly agent: string;
  readonly permissions: PermissionProfile;
  /** Where the agent works. Undefined: that is not known, and every permission is rejected. */
  readonly directory: string | undefined;
  /** The agent's session knows the conversation: what was answered to an attempt before may be used. */
  readonly carry: boolean;
  live(state: "busy" | "waiting"): LiveSession;
  /** Resolves when everything that the agent said before is on its way to the event log. */
  toldBefore(): Promise<void>;
  /** People can answer something. */
  onAsked(): void;
  /** Something could not be asked or answered: it was rejected. */
  onFailed(error: unknown): void;
}

const REJECTED: PermissionVerdict = { at: "rejected" };
/**
 * What an agent is told where nobody answers: declined it goes on without, while real Claude takes "cancelled" for a tool
 * that was cut off.
 */
const DECLINED: ElicitationVerdict = { at: "declined" };
const CANCELLED: ElicitationVerdict = { at: "cancelled" };
const REASON_CHARS = 300;
/** Ends of a question that leave its turn running. */
const CLOSED_BY = ["turn_cancelled", "question_withdrawn", "visit_completed"];

export function createTurnDesk(options: TurnDeskOptions): TurnDesk {
  const { owned, promptId, permissions } = options;
  const { askMs, grantMs } = permissions;
  const { questions } = owned;
  const open = createOpenQuestions({
    take: (ids) => questions.take({ promptId, ids, grantMs, live: options.live("busy") }),
    onFailed: options.onFailed,
  });

  /** Undefined where nobody answered. With `allowed`, grants of the channel are looked at first. */
  async function ask(
    question: ShownQuestion,
    reason: string,
    signal: AbortSignal,
    allowed?: (grants: Parameters<typeof judge>[1]["grants"]) => Promise<boolean>,
  ): Promise<GivenAnswer | "allowed" | undefined> {
    await options.toldBefore();
    for (let grantsKnown = allowed === undefined; ; grantsKnown = true) {
      signal.throwIfAborted();
      const looksBefore = open.looks;
      const outcome = await questions.ask({
        question,
        askMs,
        grantMs,
        carry: options.carry,
        grantsKnown,
        reason,
        live: options.live("waiting"),
      });
      switch (outcome.at) {
        case "grants":
          if (await allowed?.(outcome.grants)) {
            return "allowed";
          }
          break;
        case "carried":
          return outcome.given;
        case "asked": {
          options.onAsked();
          const { expiresInMs } = outcome;
          const end = await open.wait({ id: question.id, expiresInMs, looksBefore }, signal);
          if (signal.aborted) {
            await close(question.id, signal.reason);
          }
          return end.at === "answered" ? end.given : undefined;
        }
        case "refused":
          return undefined;
      }
    }
  }

  /** Where the agent is gone its question is left for recovery: an answer may still come in time. */
  async function close(id: string, why: unknown): Promise<void> {
    if (why instanceof QuestionOverError && CLOSED_BY.includes(why.code)) {
      await questions.close(promptId, [id], options.live("busy"));
    }
  }

  /** Written down before the agent hears of it: else it could not be told from nothing after a crash. */
  async function allow(
    { toolCall, options: offered }: PermissionAsk,
    { shown }: ToolCallDescription,
    verdict: Verdict & { readonly at: "allow" },
  ): Promise<PermissionVerdict | "revoked"> {
    const option = chooseOption(offered, "allow_once");
    if (option === undefined) {
      return REJECTED;
    }
    const grantId = verdict.why === "grant" ? verdict.grantId : undefined;
    const noted = await owned.recordGrant(
      promptId,
      {
        toolCallId: toolCall.toolCallId,
        title: shown.title,
        kind: shown.kind,
        why: verdict.why,
        ...(grantId === undefined ? {} : { grantId }),
      },
      grantId,
    );
    return noted === "revoked" ? noted : { at: "selected", optionId: option.optionId };
  }

  async function decide(asked: PermissionAsk, signal: AbortSignal): Promise<PermissionVerdict> {
    if (options.directory === undefined) {
      return REJECTED;
    }
    const workspace = workspaceOnDisk(options.directory);
    const description = describeToolCall(asked.toolCall, asked.options, workspace);
    const { facts } = description;
    // Redis has left out what ran out by its time, and looks again before a grant allows anything.
    const judged = (grants: Parameters<typeof judge>[1]["grants"]) =>
      judge(facts, { ...permissions, grants, nowMs: 0 });
    let verdict = judged([]);
    if (verdict.at === "deny" && verdict.why === "policy") {
      verdict = judged(await questions.grants());
    }
    switch (verdict.at) {
      case "deny":
        return REJECTED;
      case "allow": {
        const allowed = await allow(asked, description, verdict);
        return allowed === "revoked" ? REJECTED : allowed;
      }
      case "ask":
        return await askPeople(asked, description, signal, judged);
    }
  }

  async function askPeople(
    asked: PermissionAsk,
    description: ToolCallDescription,
    signal: AbortSignal,
    judged: (grants: Parameters<typeof judge>[1]["grants"]) => Verdict,
  ): Promise<PermissionVerdict> {
    const { shown, options: offered, hash, facts } = description;
    const always = scopeOf(facts);
    const question: ShownQuestion = {
      type: "permission",
      id: newQuestionId(),
      channel: owned.channel,
      promptId,
      agent: options.agent,
      hash,
      toolCall: shown,
      options: [...offered],
      ...(always === undefined ? {} : { always }),
    };
    let granted: PermissionVerdict = REJECTED;
    const given = await ask(question, reasonOf("leave to", shown.title), signal, async (grants) => {
      const verdict = judged(grants);
      const allowed = verdict.at === "allow" ? await allow(asked, description, verdict) : "revoked";
      if (allowed === "revoked") {
        return false;
      }
      granted = allowed;
      return true;
    });
    if (given === undefined || given === "allowed") {
      return granted;
    }
    return verdictOf(given, asked);
  }

  return {
    get open() {
      return open.size;
    },

    look: open.look,

    async permission(asked, signal) {
      try {
        return await decide(asked, signal);
      } catch (error) {
        report(error, signal);
        return REJECTED;
      }
    },

    async elicitation(asked, signal) {
      const { policy } = permissions;
      const described = describeElicitation(asked);
      // Where nobody is to be asked there is nobody to fill in a form either.
      if (described === undefined || policy === "deny-all" || policy === "approve-all") {
        return DECLINED;
      }
      const question: ShownQuestion = {
        type: "elicitation",
        id: newQuestionId(),
        channel: owned.channel,
        promptId,
        agent: options.agent,
        ...described,
      };
      try {
        const given = await ask(question, reasonOf("an answer:", described.message), signal);
        if (given !== undefined && given !== "allowed") {
          return elicited(given, asked);
        }
        return signal.aborted ? CANCELLED : DECLINED;
      } catch (error) {
        report(error, signal);
        return signal.aborted ? CANCELLED : DECLINED;
      }
    },
  };

  function report(error: unknown, signal: AbortSignal): void {
    if (!signal.aborted) {
      options.onFailed(error);
    }
  }
}

function reasonOf(wants: string, what: string): string {
  return `its agent asks for ${wants} ${visibleText(what).slice(0, REASON_CHARS)}`.toWellFormed();
}

/** By the option that was named; an "always" by our own grant, not by what the agent would remember. */
function verdictOf({ answer }: GivenAnswer, { options }: PermissionAsk): PermissionVerdict {
  if (answer.at !== "selected") {
    return REJECTED;
  }
  const named = options.find(
    ({ optionId, kind }) => optionId === answer.optionId && kind === answer.kind,
  );
  const option =
    answer.kind === "allow_always" || named === undefined
      ? chooseOption(options, answer.kind)
      : named;
  return option === undefined ? REJECTED : { at: "selected", optionId: option.optionId };
}

function elicited({ answer }: GivenAnswer, asked: ElicitationAsk): ElicitationVerdict {
  switch (answer.at) {
    case "accepted": {
      const content = asked.mode === "form" ? contentOf(answer.content) : undefined;
      return { at: "accepted", ...(content === undefined ? {} : { content }) };
    }
    case "declined":
      return { at: "declined" };
    default:
      return CANCELLED;
  }
}
