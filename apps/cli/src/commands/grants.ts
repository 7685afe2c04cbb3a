import { shortText } from "@pilotlight/contracts";
import { Command } from "commander";
import { type ApiOptions, clientOf, withApiOptions } from "../api-options.ts";
import { duration, table } from "../table.ts";

export function grantsCommand(): Command {
  return withApiOptions(new Command("grants"))
    .description('what somebody said "always" to on a channel')
    .argument("<channel>")
    .option("--revoke <id>", "ends this one now")
    .action(async (channel: string, options: ApiOptions & { readonly revoke?: string }) => {
      const client = clientOf(options);
      if (options.revoke !== undefined) {
        await client.revokeGrant(channel, options.revoke);
        process.stdout.write(
          options.json
            ? `${JSON.stringify({ revoked: options.revoke })}\n`
            : `${options.revoke} is revoked\n`,
        );
        return;
      }
      const grants = await client.listGrants(channel);
      process.stdout.write(
        options.json
          ? `${JSON.stringify({ items: grants })}\n`
          : grants.length === 0
            ? "nothing is granted here for more than once\n"
            : `${table(
                ["ID", "ENDS IN", "BY", "ALLOWS"],
                grants.map(({ id, expiresAt, by, scope }) => [
                  id,
                  duration(Math.max(0, expiresAt - Date.now())),
                  by,
                  shortText(scope.description, 100),
                ]),
              )}\n`,
      );
    });
}
