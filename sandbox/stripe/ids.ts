import { createHash, randomBytes } from 'node:crypto';

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

let pool = Buffer.alloc(0);
let used = 0;

/** Random letters and digits. Bytes above 247 are skipped, so that all 62 are equally likely. */
export function randomText(length: number): string {
  let text = '';
  while (text.length < length) {
    if (used >= pool.length) {
      pool = randomBytes(8192);
      used = 0;
    }
    const byte = pool[used++] as number;
    if (byte < 248) text += ALPHABET[byte % 62];
  }
  return text;
}

/** A new id in Stripe's form, e.g. `pi_3Qx…`. */
export const newId = (prefix: string): string => `${prefix}_${randomText(24)}`;

/** The account that a secret key belongs to: every test key is an account of its own. */
export const accountOf = (secretKey: string): string =>
  `acct_1${createHash('sha256').update(secretKey).digest('hex').slice(0, 15)}`;
