import type { SessionConfigOption } from "@agentclientprotocol/sdk";
import { type Model, sameModel } from "./connect-ollama.ts";

export const MODEL_OPTION = "model";

/** The model that is taken where nobody named one. */
export function defaultModel(models: readonly Model[]): string | undefined {
  return models.find(({ chats }) => chats)?.name;
}

/**
 * The choice of a model as ACP shows it; none where no model is known. A current model that is not on the list is shown
 * all the same, because prompts ask for it.
 */
export function modelOption(
  wanted: string | undefined,
  models: readonly Model[],
): SessionConfigOption[] {
  if (wanted === undefined) {
    return [];
  }
  const names = models.filter(({ chats }) => chats).map(({ name }) => name);
  const listed = names.find((name) => sameModel(name, wanted));
  const all = listed === undefined ? [wanted, ...names] : names;
  return [
    {
      type: "select",
      id: MODEL_OPTION,
      name: "Model",
      category: "model",
      currentValue: listed ?? wanted,
      options: all.map((name) => ({ value: name, name })),
    },
  ];
}
