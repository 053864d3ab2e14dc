import { createHash, randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';

export type ApiKeyKind = 'secret' | 'publishable';

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const randomLength = 32;
const checksumLength = 6;
const pattern = /^(sk|pk)_(test|live)_([0-9A-Za-z]{32})([0-9A-Za-z]{6})$/;

/**
 * A new key: `sk_test_` + 32 random base-62 characters (190 bits) + their CRC-32 in 6 base-62 characters, so
 * that a secret scanner (and we) can tell a real key from a look-alike without asking anybody.
 */
export function newApiKey(kind: ApiKeyKind, livemode: boolean): string {
  const body = `${kind === 'secret' ? 'sk' : 'pk'}_${livemode ? 'live' : 'test'}_${randomText(randomLength)}`;
  return body + checksum(body);
}

/** True for a key in the form of {@link newApiKey} whose checksum fits. Says nothing about whether it exists. */
export function isWellFormedApiKey(key: string): boolean {
  return pattern.test(key) && key.endsWith(checksum(key.slice(0, -checksumLength)));
}

/** What is stored instead of the key. The key is random and long, so that a fast hash can't be guessed back. */
export function hashApiKey(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}

/** What may be shown of a key: its kind and mode with the first four characters, and the last four. */
export function apiKeyLabel(key: string): { prefix: string; last_four: string } {
  const start = key.indexOf('_', 3) + 1;
  return { prefix: key.slice(0, start + 4), last_four: key.slice(-4) };
}

function checksum(body: string): string {
  let rest = crc32(body);
  let text = '';
  for (let digit = 0; digit < checksumLength; digit += 1) {
    text = alphabet[rest % alphabet.length]! + text;
    rest = Math.floor(rest / alphabet.length);
  }
  return text;
}

/** Bytes of 248 and more are thrown away: taking them modulo 62 would make some characters likelier. */
function randomText(length: number): string {
  let text = '';
  while (text.length < length) {
    for (const byte of randomBytes(length)) {
      if (byte < 248 && text.length < length) text += alphabet[byte % alphabet.length]!;
    }
  }
  return text;
}
