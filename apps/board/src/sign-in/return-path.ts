/** Where to go after signing in: a page of the board, or its start where the wish is anything else. */
export function returnPath(wish: unknown): string {
  return typeof wish === "string" &&
    wish.length <= 2000 &&
    /^\/board(\/[A-Za-z0-9._~%:!+@=-]*)*(\?[A-Za-z0-9._~%:!+@=&-]*)?$/.test(wish) &&
    !wish.includes("/sign-")
    ? wish
    : "/board";
}
