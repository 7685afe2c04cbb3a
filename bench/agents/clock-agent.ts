/** An agent that answers with the moment at which a prompt reached it (Unix ms). */
import { serveCountingAgent } from "../harness/serve-counting-agent.ts";

serveCountingAgent("clock-agent", () => String(performance.timeOrigin + performance.now()));
