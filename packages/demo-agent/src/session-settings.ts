import { RequestError } from "@agentclientprotocol/sdk";

/** How a session of the demo agent is set. Like those of some real agents, settings end with the process. */
export interface SessionSettings {
  mode: string;
  readonly options: Record<string, string | boolean>;
  readonly systemPrompt: string | undefined;
}

const MODES = ["default", "plan"];
const MODELS = ["small", "large"];

export function newSettings(systemPrompt?: string): SessionSettings {
  return { mode: "default", options: { model: "small", verbose: false }, systemPrompt };
}

/** What `session/new` was given as `_meta.systemPrompt`: a text, or one to be appended. */
export function systemPromptOf(meta: Record<string, unknown> | null | undefined) {
  const given = meta?.systemPrompt;
  const text = (given as { append?: unknown } | undefined)?.append ?? given;
  return typeof text === "string" ? text : undefined;
}

export function setMode(settings: SessionSettings, mode: string): void {
  if (!MODES.includes(mode)) {
    throw RequestError.invalidParams({ modeId: mode }, `no such mode: ${mode}`);
  }
  settings.mode = mode;
}

export function setOption(settings: SessionSettings, id: string, value: string | boolean): void {
  const known =
    (id === "model" && MODELS.includes(String(value))) ||
    (id === "verbose" && typeof value === "boolean");
  if (!known) {
    throw RequestError.invalidParams({ configId: id }, `no such option: ${id} = ${value}`);
  }
  settings.options[id] = value;
}

export function describeModes({ mode }: SessionSettings) {
  return { currentModeId: mode, availableModes: MODES.map((id) => ({ id, name: id })) };
}

export function describeOptions({ options }: SessionSettings) {
  return [
    {
      id: "model",
      name: "Model",
      type: "select" as const,
      currentValue: String(options.model),
      options: MODELS.map((value) => ({ value, name: value })),
    },
    {
      id: "verbose",
      name: "Verbose",
      type: "boolean" as const,
      currentValue: options.verbose === true,
    },
  ];
}
