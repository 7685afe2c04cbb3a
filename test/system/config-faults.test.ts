import { execFile } from "node:child_process";
import { expect, it } from "vitest";

const MAINS = [
  "ingress/src/main.ts",
  "board/src/main.ts",
  "worker/src/main.ts",
  "worker/src/warden-main.ts",
];

it.each(MAINS)(
  "%s, started by itself, names each fault of its configuration and exits 78",
  (main) => {
    const script = new URL(`../../apps/${main}`, import.meta.url).pathname;
    const env = {
      PATH: process.env.PATH,
      PILOTLIGHT_HTTP_PORT: "many",
      PILOTLIGHT_WORKERS_COLOUR: "red",
    };
    return new Promise<void>((resolve, reject) => {
      execFile(process.execPath, [script], { env, timeout: 20_000 }, (error, _stdout, stderr) => {
        try {
          expect(error?.code).toBe(78);
          expect(stderr).toMatch(/^pilotlight: .*PILOTLIGHT_WORKERS_COLOUR/m);
          expect(stderr).toMatch(/^pilotlight: http\.port/m);
          resolve();
        } catch (failure) {
          reject(failure);
        }
      });
    });
  },
);
