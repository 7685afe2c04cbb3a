#!/usr/bin/env node
import { applyStartKnobs } from "./start-knobs.ts";

// Before anything else is loaded: a failing start must be quick, and the SDK costs most of a cold start.
applyStartKnobs(process.env);

const { serve } = await import("./serve.ts");
serve(process.env);
