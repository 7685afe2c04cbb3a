import { once } from "node:events";
import { createServer } from "node:net";
import { PilotlightError } from "@pilotlight/contracts";

/** A port that is free at the moment: the given one, or any for 0. @throws PilotlightError `PORT_TAKEN`. */
export async function freePort(host: string, port: number): Promise<number> {
  const server = createServer();
  try {
    server.listen(port, host);
    await once(server, "listening");
  } catch (error) {
    throw new PilotlightError(
      "PORT_TAKEN",
      `port ${port} on ${host} is taken; choose another with --port, or 0 for any free one`,
      { cause: error },
    );
  }
  const address = server.address();
  server.close();
  await once(server, "close");
  return address !== null && typeof address === "object" ? address.port : port;
}
