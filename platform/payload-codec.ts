import { METADATA_ENCODING_KEY, type Payload as PayloadMessage, type PayloadCodec } from '@temporalio/common';
// A CommonJS module whose names Node can't see before it runs: only its default export can be imported.
import proto from '@temporalio/proto';
import type { KeyRing } from './keyring.ts';

const { Payload } = proto.temporal.api.common.v1;
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

  async encode(payloads: PayloadMessage[]): Promise<PayloadMessage[]> {
    return payloads.map((payload) => {
      const { keyId, data } = this.#keyRing.encrypt(Payload.encode(payload).finish());
      return { metadata: { [METADATA_ENCODING_KEY]: encoding, [keyIdField]: Buffer.from(keyId) }, data };
    });
  }

  async decode(payloads: PayloadMessage[]): Promise<PayloadMessage[]> {
    return payloads.map((payload) => {
      const metadata = payload.metadata ?? {};
      if (!payload.data || !equalBytes(metadata[METADATA_ENCODING_KEY], encoding)) return payload;
      const keyId = Buffer.from(metadata[keyIdField] ?? []).toString();
      return Payload.decode(this.#keyRing.decrypt(keyId, payload.data));
    });
  }
}

function equalBytes(a: Uint8Array | null | undefined, b: Buffer): boolean {
  return a != null && b.equals(a);
}
