import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { Payload } from '@temporalio/common';
import type { FastifyRequest } from 'fastify';
import { Type, type Static } from 'typebox';
import { SealError } from '#platform/keyring.ts';
import { EncryptionCodec } from '#platform/payload-codec.ts';
import { authenticate, requireScopes, unauthenticated } from '../../plugins/authentication.ts';
import { Problem } from '../../problem.ts';
import { problemResponses, ref, strictObject } from '../../schemas/common.ts';
import { hasSession } from '../admin/session.ts';

const base64 = Type.String({ pattern: '^[A-Za-z0-9+/_-]*={0,2}$' });

/** Protobuf's JSON form of temporal.api.common.v1.Payloads: bytes as base64. */
const Payloads = strictObject(
  {
    payloads: Type.Optional(
      Type.Array(
        Type.Object(
          {
            metadata: Type.Optional(Type.Unsafe<Record<string, string>>({ type: 'object', additionalProperties: base64 } as never)),
            data: Type.Optional(base64),
          },
          { additionalProperties: true },
        ),
        { maxItems: 10_000 },
      ),
    ),
  },
  {
    $id: 'Payloads',
    description: 'Temporal payloads in protobuf\'s JSON form.',
    examples: [{ payloads: [{ metadata: { encoding: 'anNvbi9wbGFpbg==' }, data: 'eyJvcmRlcklkIjoib3JkX+KApiJ9' }] }],
  },
);

/**
 * Temporal's remote codec: what its UI and CLI call to show payloads in plain to whoever may see them, by the same
 * codec that client and worker use.
 */
export const codecRoutes: FastifyPluginAsyncTypebox = async (app) => {
  const codec = new EncryptionCodec(app.keyRing);
  app.addSchema(Payloads);

  for (const direction of ['decode', 'encode'] as const) {
    app.post(`/codec/${direction}`, {
      bodyLimit: 16 * 1_048_576,
      config: { rateLimit: { max: 1200, timeWindow: 60_000 } },
      onRequest: async (request) => allowed(request),
      schema: {
        operationId: `${direction}Payloads`,
        summary: direction === 'decode' ? 'Decrypt payloads' : 'Encrypt payloads',
        description: 'Temporal\'s remote codec protocol. For a key with the scope `codec:decode`, or an operator who has signed in at /admin.',
        tags: ['Operators'],
        security: [{ apiKey: [] }, { adminSession: [] }],
        body: ref(Payloads),
        response: {
          200: ref(Payloads),
          ...problemResponses('unauthenticated', 'forbidden', 'validation_failed', 'payload_too_large', 'rate_limited', 'internal_error', 'unavailable'),
        },
      },
    }, async ({ body }) => {
      const payloads = (body.payloads ?? []).map(fromJson);
      const result = await codec[direction](payloads).catch(unreadable);
      return { payloads: result.map(toJson) };
    });
  }

  async function allowed(request: FastifyRequest): Promise<void> {
    if (hasSession(request, app.env)) return;
    if (!request.headers.authorization) {
      throw unauthenticated(app.failedAuthentications.count(request), 'Sign in at /admin, or send a key with the scope codec:decode.');
    }
    await authenticate(request, app.apiKeys, app.failedAuthentications);
    requireScopes(request, ['codec:decode']);
  }
};

type PayloadJson = NonNullable<Static<typeof Payloads>['payloads']>[number];

function fromJson({ metadata, data }: PayloadJson): Payload {
  const entries = Object.entries(metadata ?? {}).map(([name, value]): [string, Buffer] => [name, Buffer.from(value, 'base64')]);
  return { metadata: Object.fromEntries(entries), data: Buffer.from(data ?? '', 'base64') };
}

function toJson({ metadata, data }: Payload): PayloadJson {
  const entries = Object.entries(metadata ?? {}).map(([name, value]) => [name, Buffer.from(value).toString('base64')]);
  return { metadata: Object.fromEntries(entries), data: Buffer.from(data ?? []).toString('base64') };
}

function unreadable(error: unknown): never {
  if (!(error instanceof SealError)) throw error;
  throw new Problem('validation_failed', {
    detail: 'A payload can\'t be opened with the keys of this installation.',
    errors: [{ pointer: '/payloads', detail: 'is sealed with an unknown key, or was changed' }],
    cause: error,
  });
}
