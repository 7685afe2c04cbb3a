import { z } from "zod";

const UNITS: Readonly<Record<string, number>> = {
  "": 1,
  B: 1,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
};

/** `"12GiB"`, `"500 MB"` or a number of bytes; comes out as a number of bytes. */
export const byteSizeSchema = z.union([z.string(), z.number()]).transform((given, context) => {
  const match = /^(\d+(?:\.\d+)?)\s*([A-Za-z]*)$/.exec(String(given));
  const unit = UNITS[match?.[2] ?? "?"];
  if (match === null || unit === undefined || Number(match[1]) <= 0) {
    context.addIssue({ code: "custom", message: 'must be a size, as "12GiB" or "500MB"' });
    return z.NEVER;
  }
  return Math.round(Number(match[1]) * unit);
});
