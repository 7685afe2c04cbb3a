import type { RequestHandler, Response } from "express";

const FOREIGN_LINK = /<link\b[^>]*\bhref="https?:[^>]*>\s*/g;

/** Takes the links to other sites (a font service) out of the pages that Bull Board renders. */
export const ownLinksOnly: RequestHandler = (_req, res, next) => {
  const render = res.render.bind(res);
  res.render = ((view: string, params: object) =>
    render(view, params, (error: Error, html: string) => {
      if (error) {
        next(error);
      } else {
        res.send(html.replace(FOREIGN_LINK, ""));
      }
    })) as Response["render"];
  next();
};
