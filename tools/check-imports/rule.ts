import type { SourceFile } from "./source-file.ts";

export interface Violation {
  readonly path: string;
  readonly line: number;
  readonly what: string;
}

/** One sentence that holds for all files, and where it does not. */
export interface Rule {
  readonly sentence: string;
  check(files: readonly SourceFile[]): Violation[];
}

/** A rule about each reference for itself; `judge` gives what is wrong with one, or nothing. */
export function referenceRule(
  sentence: string,
  judge: (file: SourceFile, target: string, kind: "import" | "type" | "url") => string | undefined,
): Rule {
  return {
    sentence,
    check: (files) =>
      files.flatMap((file) =>
        file.references.flatMap(({ target, kind, line }) => {
          const what = judge(file, target, kind);
          return what === undefined ? [] : [{ path: file.path, line, what }];
        }),
      ),
  };
}
