/** An agent that answers with the prompt: so an answer proves which one it belongs to, and that no turn ran twice. */
import { serveCountingAgent } from "../harness/serve-counting-agent.ts";

serveCountingAgent("echo-agent", (said) => said);
