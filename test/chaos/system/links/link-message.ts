/** What the campaign tells the process that carries its links. */
export type LinkMessage =
  | { readonly op: "open"; readonly link: number; readonly url: string; readonly host: string }
  | { readonly op: "lose"; readonly link: number; readonly what: "answers" | "requests" }
  | { readonly op: "blackHole" | "cut" | "heal" | "close"; readonly link: number };

/** It answers an `open`: the address at which the server can be reached now. */
export interface LinkOpened {
  readonly link: number;
  readonly url: string;
}
