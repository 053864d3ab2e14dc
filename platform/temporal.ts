import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import type { DataConverter } from '@temporalio/common';
import type { TemporalEnv } from './env.ts';
import type { KeyRing } from './keyring.ts';
import { EncryptionCodec } from './payload-codec.ts';

export type { TemporalEnv };

/** The one data converter: client, worker, replay and the codec endpoint must all use this. */
export function createDataConverter(keyRing: KeyRing): DataConverter {
  return {
    payloadCodecs: [new EncryptionCodec(keyRing)],
    failureConverterPath: fileURLToPath(new URL('./failure-converter.ts', import.meta.url)),
  };
}

/** A client of the Temporal frontend. Connects lazily: the API starts and reads while Temporal is away. */
export function createTemporalClient(env: TemporalEnv, keyRing: KeyRing): Client {
  const connection = Connection.lazy({
    address: env.TEMPORAL_ADDRESS,
    tls: env.TEMPORAL_TLS,
    ...(env.TEMPORAL_API_KEY ? { apiKey: env.TEMPORAL_API_KEY } : {}),
  });
  return new Client({ connection, namespace: env.TEMPORAL_NAMESPACE, dataConverter: createDataConverter(keyRing) });
}
