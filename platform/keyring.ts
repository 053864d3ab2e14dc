import { createCipheriv, createDecipheriv, createHmac, createSecretKey, randomFillSync, type KeyObject } from 'node:crypto';

const algorithm = 'aes-256-gcm';
const ivBytes = 12;
const tagBytes = 16;

/** Raised when a sealed value can't be opened: unknown key id, or changed bytes. */
export class SealError extends Error {
  override name = 'SealError';
}

/**
 * AES-256-GCM under named keys (NIST SP 800-38D, 96-bit random IV). The first key seals, every key opens,
 * so that a key is rotated by putting a new one in front.
 */
export class KeyRing {
  // Key objects: Node prepares bytes anew for every cipher, which made a seal of 1.5 kB take 135 µs instead of 40.
  readonly #keys: ReadonlyMap<string, KeyObject>;
  readonly currentId: string;
  // Drawn for many seals at once: a draw takes 15 µs or more, however short.
  readonly #ivs = Buffer.alloc(256 * ivBytes);
  #ivsUsed = this.#ivs.length;

  /** @param specification `id:base64,id:base64` – 32 bytes each, see PERDURA_KEYS */
  constructor(specification: string) {
    const entries = specification.split(',').map((part): [string, KeyObject] => {
      const separator = part.indexOf(':');
      const key = Buffer.from(part.slice(separator + 1), 'base64');
      if (separator < 1 || key.length !== 32) throw new SealError('A key of the ring is not id:base64 of 32 bytes');
      return [part.slice(0, separator), createSecretKey(key)];
    });
    this.#keys = new Map(entries);
    this.currentId = entries[0]![0];
  }

  /** Encrypts bytes: IV, ciphertext and tag in one buffer, to be kept with the key's id. */
  encrypt(plain: Uint8Array, context = ''): { keyId: string; data: Buffer } {
    const iv = this.#nextIv();
    const cipher = createCipheriv(algorithm, this.#key(this.currentId), iv);
    cipher.setAAD(Buffer.from(context));
    return { keyId: this.currentId, data: Buffer.concat([iv, cipher.update(plain), cipher.final(), cipher.getAuthTag()]) };
  }

  /** @throws {SealError} for an unknown key id or changed bytes */
  decrypt(keyId: string, data: Uint8Array, context = ''): Buffer {
    const bytes = Buffer.from(data);
    try {
      const decipher = createDecipheriv(algorithm, this.#key(keyId), bytes.subarray(0, ivBytes));
      decipher.setAAD(Buffer.from(context));
      decipher.setAuthTag(bytes.subarray(bytes.length - tagBytes));
      return Buffer.concat([decipher.update(bytes.subarray(ivBytes, bytes.length - tagBytes)), decipher.final()]);
    } catch (cause) {
      if (cause instanceof SealError) throw cause;
      throw new SealError(`A value sealed with key ${keyId} can't be opened`, { cause });
    }
  }

  /** Seals a JSON value for a text column: `keyId.base64`. `context` binds it to its place (a row's id). */
  seal(value: unknown, context: string): string {
    const { keyId, data } = this.encrypt(Buffer.from(JSON.stringify(value)), context);
    return `${keyId}.${data.toString('base64')}`;
  }

  /** Opens what {@link seal} made, under the same context. The caller names the type it sealed. */
  open<T>(sealed: string, context: string): T {
    const separator = sealed.indexOf('.');
    const plain = this.decrypt(sealed.slice(0, separator), Buffer.from(sealed.slice(separator + 1), 'base64'), context);
    return JSON.parse(plain.toString()) as T;
  }

  /**
   * A keyed, deterministic index for looking up a sealed value by equality (e-mail addresses).
   * Made with the last key of the ring, which therefore stays while rotation changes the first.
   */
  blindIndex(value: string, context: string): string {
    const key = [...this.#keys.values()].at(-1)!;
    return createHmac('sha256', key).update(`${context}\0${value}`).digest('base64url');
  }

  /** Each is used once, and at once: its bytes are overwritten by a later draw. */
  #nextIv(): Buffer {
    if (this.#ivsUsed === this.#ivs.length) {
      randomFillSync(this.#ivs);
      this.#ivsUsed = 0;
    }
    const from = this.#ivsUsed;
    this.#ivsUsed += ivBytes;
    return this.#ivs.subarray(from, this.#ivsUsed);
  }

  #key(id: string): KeyObject {
    const key = this.#keys.get(id);
    if (!key) throw new SealError(`The key ring has no key ${id}`);
    return key;
  }
}
