export { chooseOption } from "./choose-option.ts";
export {
  describeToolCall,
  type ShownOption,
  type ToolCallDescription,
} from "./describe-tool-call.ts";
export { fingerprint } from "./fingerprint.ts";
export { scopeOf } from "./grant-scope.ts";
export { type JudgeBy, judge, type Verdict } from "./judge.ts";
export type { OptionInput, ToolCallInput } from "./tool-call.ts";
export type { ToolFacts } from "./tool-facts.ts";
export { UnreadableToolCallError } from "./unreadable-tool-call-error.ts";
export { type Workspace, workspaceOnDisk } from "./workspace.ts";
