import type { RequestHandler } from "express";
import helmet from "helmet";

/**
 * For every answer: only our own scripts run, nothing may frame the board, nothing is sniffed or kept by caches.
 * Styles may be inline: Bull Board sets them on elements. Its configuration is a JSON block, which needs no leave.
 */
export function securityHeaders(): RequestHandler[] {
  return [
    helmet({
      contentSecurityPolicy: {
        useDefaults: false,
        directives: {
          defaultSrc: ["'none'"],
          scriptSrc: ["'self'"],
          styleSrc: ["'self'", "'unsafe-inline'"],
          imgSrc: ["'self'", "data:"],
          fontSrc: ["'self'"],
          connectSrc: ["'self'"],
          formAction: ["'self'"],
          baseUri: ["'self'"],
          frameAncestors: ["'none'"],
        },
      },
      frameguard: { action: "deny" },
      // With no referrer at all a browser hides the origin of our own form too, and the ingress refuses that.
      referrerPolicy: { policy: "same-origin" },
      // Whether there is TLS, and for how long, is for whoever ends it to say.
      strictTransportSecurity: false,
    }),
    (req, res, next) => {
      // Scripts and styles carry a hash in their names, or are checked by their ETag.
      if (!req.path.startsWith("/static/")) {
        res.set("Cache-Control", "no-store");
      }
      next();
    },
  ];
}
