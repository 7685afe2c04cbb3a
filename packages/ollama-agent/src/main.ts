#!/usr/bin/env node
import { Console } from "node:console";
import { readSettings } from "./read-settings.ts";

// Stdout is the protocol's, and the Ollama client writes there about answers that it cannot read.
globalThis.console = new Console(process.stderr, process.stderr);

const { serve } = await import("./serve.ts");
serve(readSettings(process.env));
