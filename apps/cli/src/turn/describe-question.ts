import type { Question } from "@pilotlight/contracts";
import { visibleText } from "@pilotlight/contracts";

/** All that a person needs to answer, in lines. */
export function describeQuestion(question: Question): string[] {
  const lines = [
    `${question.type} ${question.id} on ${question.channel} (${question.state}), asked by ${question.agent} for ${question.promptId}`,
    ...(question.type === "permission" ? toolCallLines(question) : elicitationLines(question)),
  ];
  if (question.given !== undefined) {
    const { by, answeredAt, answer } = question.given;
    const what = answer.at === "selected" ? answer.kind : answer.at;
    lines.push(`answered: ${what} with the key ${by} at ${new Date(answeredAt).toISOString()}`);
  } else if (question.state === "pending") {
    lines.push(`until:    ${new Date(question.expiresAt).toISOString()}`);
  }
  if (question.supersededBy !== undefined) {
    lines.push(`asked again as ${question.supersededBy}`);
  }
  return lines.map(visibleText);
}

/** How it is answered on the command line. */
export function howToAnswer(question: Question): string {
  if (question.type === "permission") {
    const always = question.always === undefined ? "" : "|always";
    return `pilotlight answer ${question.id} allow|deny${always}`;
  }
  return question.form === undefined
    ? `pilotlight answer ${question.id} accept|decline`
    : `pilotlight answer ${question.id} accept --field NAME=VALUE ...   or decline`;
}

function toolCallLines(question: Extract<Question, { type: "permission" }>): string[] {
  const { kind, title, name, command, input, inputOmittedBytes, paths, outside } =
    question.toolCall;
  return [
    `tool:     ${kind}${name === undefined ? "" : ` (${name})`}: ${title}`,
    ...(command === undefined ? [] : [`command:  ${command}`]),
    ...(paths.length === 0
      ? []
      : [`paths:    ${paths.join(", ")}${outside === true ? "  (outside of the workspace)" : ""}`]),
    ...(input === undefined || command !== undefined
      ? []
      : [`input:    ${input.replaceAll("\n", "\n          ")}`]),
    ...(inputOmittedBytes === undefined ? [] : [`          … ${inputOmittedBytes} bytes more`]),
    `options:  ${question.options.map((option) => `${option.name} (${option.kind})`).join(", ")}`,
    ...(question.always === undefined ? [] : [`always:   ${question.always.description}`]),
  ];
}

function elicitationLines(question: Extract<Question, { type: "elicitation" }>): string[] {
  const properties = question.form?.properties;
  const required = question.form?.required;
  const fields =
    typeof properties === "object" && properties !== null ? Object.entries(properties) : [];
  return [
    `asks:     ${question.message}`,
    ...(question.url === undefined ? [] : [`go to:    ${question.url}`]),
    ...fields.map(([name, field]) => {
      const needed = Array.isArray(required) && required.includes(name) ? ", needed" : "";
      return `field:    ${name}${needed}: ${JSON.stringify(field)}`;
    }),
  ];
}
