import { stripVTControlCharacters } from "node:util";

const SECRET_NAME = /KEY|TOKEN|SECRET|PASS|AUTH|CREDENTIAL/i;
/** A shorter value would cut ordinary words out of the text. */
const MIN_SECRET_LENGTH = 6;

const SECRET_SHAPES = [
  /\bsk-[A-Za-z0-9_-]{8,}/g,
  /\bgh[pousr]_[A-Za-z0-9]{16,}/g,
  /\bgithub_pat_[A-Za-z0-9_]{16,}/g,
  /\bxox[abeprs]-[A-Za-z0-9-]{8,}/g,
  /\bAKIA[0-9A-Z]{12,}/g,
  /\bAIza[0-9A-Za-z_-]{20,}/g,
  /\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{4,}\.[A-Za-z0-9_-]*/g,
  /(?<=\bBearer\s)[^\s"',;]{6,}/gi,
  /(?<=:\/\/[^\s/:@]*:)[^\s/@]+(?=@)/g,
];

/** The values of an environment whose names say that they are secret. */
export function secretsOf(env: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(env)
    .filter(([name, value]) => SECRET_NAME.test(name) && value.length >= MIN_SECRET_LENGTH)
    .map(([, value]) => value)
    .sort((a, b) => b.length - a.length);
}

/** The text without these secrets, anything shaped like a secret, and terminal escapes. */
export function scrubSecrets(text: string, secrets: readonly string[]): string {
  let clean = stripVTControlCharacters(text);
  for (const secret of secrets) {
    clean = clean.replaceAll(secret, "[redacted]");
  }
  for (const shape of SECRET_SHAPES) {
    clean = clean.replace(shape, "[redacted]");
  }
  return clean;
}
