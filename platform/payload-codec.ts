import { METADATA_ENCODING_KEY, type Payload, type PayloadCodec } from '@temporalio/common';
import { temporal } from '@temporalio/proto';
import type { KeyRing } from './keyring.ts';

const encoding = Buffer.from('binary/encrypted');
const keyIdField = 'encryption-key-id';

/**
 * Encrypts what Temporal stores (inputs, results, failures) with AES-256-GCM; the key's id travels in the
 * payload's metadata, so that keys rotate without touching histories. Payloads of another encoding pass through.
 */
export class EncryptionCodec implements PayloadCodec {
  readonly #keyRing: KeyRing;

  constructor(keyRing: KeyRing) {
    this.#keyRing = keyRing;
  }

  async encode(payloads: Payload[]): Promise<Payload[]> {
    return payloads.map((payload) => {
      const { keyId, data } = this.#keyRing.encrypt(temporal.api.common.v1.Payload.encode(payload).finish());
      return { metadata: { [METADATA_ENCODING_KEY]: encoding, [keyIdField]: Buffer.from(keyId) }, data };
    });
  }

  async decode(payloads: Payload[]): Promise<Payload[]> {
    return payloads.map((payload) => {
      const metadata = payload.metadata ?? {};
      if (!payload.data || !equalBytes(metadata[METADATA_ENCODING_KEY], encoding)) return payload;
      const keyId = Buffer.from(metadata[keyIdField] ?? []).toString();
      return temporal.api.common.v1.Payload.decode(this.#keyRing.decrypt(keyId, payload.data));
    });
  }
}

function equalBytes(a: Uint8Array | null | undefined, b: Buffer): boolean {
  return a != null && b.equals(a);
}
