import type { Router } from "express";
import { sendJson } from "../http/send-json.ts";
import { openApiDocument } from "../openapi/document.ts";
import { serve } from "./serve.ts";

export function openApiRoute(router: Router): void {
  const document = openApiDocument();
  serve(router, "/openapi.json", { get: (_req, res) => sendJson(res, 200, document) });
}
