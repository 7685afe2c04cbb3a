import { type ModelReply, say } from "./model-reply.ts";
import { isTurnRequest, type ModelRequest, userTexts } from "./model-request.ts";

/** Decides how a request is met. Titles and the like never reach it. */
export type ModelScript = (request: ModelRequest) => ModelReply;

/**
 * Says how many messages of people the model was shown, and the first of them: an answer that only
 * a model with the whole conversation before it can give.
 */
export const defaultScript: ModelScript = (request) => {
  const texts = userTexts(request);
  return say(`I have seen ${texts.length} message(s). `, `The first said: ${texts[0] ?? ""}`);
};

/** The reply to any request: scripted for turns, a short text for everything else. */
export function replyTo(request: ModelRequest, script: ModelScript): ModelReply {
  return isTurnRequest(request) ? script(request) : say("A title");
}
