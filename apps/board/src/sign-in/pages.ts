import { escapeHtml } from "../http/escape-html.ts";

const STYLE = `
  :root { color-scheme: light dark; --ink: #1d2430; --soft: #5a6575; --paper: #f5f6f8; --card: #fff; --line: #d5dae2;
    --flame: #d9480f; --bad: #b42318; }
  @media (prefers-color-scheme: dark) { :root { --ink: #e6e9ee; --soft: #98a2b3; --paper: #12161c; --card: #1a2029;
    --line: #313a47; --flame: #ff922b; --bad: #ff8a80; } }
  * { box-sizing: border-box; }
  body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: var(--paper); color: var(--ink);
    font: 15px/1.5 system-ui, sans-serif; }
  main { width: min(26rem, 92vw); padding: 2rem; background: var(--card); border: 1px solid var(--line);
    border-radius: 12px; }
  h1 { margin: 0 0 .25rem; font-size: 1.25rem; display: flex; align-items: center; gap: .5rem; }
  svg { fill: var(--flame); }
  p { margin: .25rem 0 1.25rem; color: var(--soft); }
  label { display: block; font-weight: 600; margin-bottom: .35rem; }
  input { width: 100%; padding: .6rem .7rem; font: inherit; color: inherit; background: var(--paper);
    border: 1px solid var(--line); border-radius: 8px; }
  button { margin-top: 1rem; width: 100%; padding: .6rem; font: inherit; font-weight: 600; color: #fff;
    background: #c2410c; border: 0; border-radius: 8px; cursor: pointer; }
  input:focus-visible, button:focus-visible { outline: 2px solid var(--flame); outline-offset: 2px; }
  a { color: inherit; }
  form + p { margin: 1rem 0 0; text-align: center; }
  .bad { color: var(--bad); font-weight: 600; }
  code { font-size: .9em; }
`;

const FLAME_PATH =
  '<path d="M12 1c1 5 7 7 7 13a7 7 0 0 1-14 0c0-3 1.500-4.500 2.500-7 1 2 1.500 3 3 3.500C11 8 11 5 12 1z"/>';
const FLAME = `<svg width="22" height="22" viewBox="0 0 24 24" aria-hidden="true">${FLAME_PATH}</svg>`;
const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" fill="#d9480f">${FLAME_PATH}</svg>`;

function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<link rel="icon" href="data:image/svg+xml,${encodeURIComponent(ICON)}">
<title>${title} · Pilotlight</title>
<style>${STYLE}</style>
</head>
<body><main><h1>${FLAME} Pilotlight board</h1>
${body}
</main></body>
</html>
`;
}

export interface SignInPage {
  /** The page to show afterwards. */
  readonly returnTo: string;
  /** Why the last try did not work. */
  readonly fault?: string;
}

export function signInPage({ returnTo, fault }: SignInPage): string {
  return page(
    "Sign in",
    `<p>Sign in with the API key. <code>pilotlight up</code> prints where it is kept
(<code>api-key</code> in the data directory).</p>
${fault === undefined ? "" : `<p class="bad" role="alert">${escapeHtml(fault)}</p>`}
<form method="post" action="/board/sign-in">
<input type="hidden" name="next" value="${escapeHtml(returnTo)}">
<label for="key">API key</label>
<input id="key" name="key" type="password" autocomplete="current-password" spellcheck="false" required autofocus>
<button type="submit">Sign in</button>
</form>`,
  );
}

export function signOutPage(): string {
  return page(
    "Sign out",
    `<p>This ends your visit in this browser.</p>
<form method="post" action="/board/sign-out"><button type="submit">Sign out</button></form>
<p><a href="/board">Back to the board</a></p>`,
  );
}
