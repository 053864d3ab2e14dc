import { Type } from 'typebox';
import type { Static } from 'typebox';
import { exampleId, Id, nullable, strictObject, Timestamp } from '../../schemas/common.ts';
import { scopes as allScopes } from '../../scopes.ts';
import type { Scope } from '../../scopes.ts';

const name = Type.String({ minLength: 1, maxLength: 100, examples: ['Web shop'] });
const kind = Type.Unsafe<'secret' | 'publishable'>(Type.String({ enum: ['secret', 'publishable'] }));
const scope = Type.Unsafe<Scope>(Type.String({ enum: [...allScopes] }));

export const ApiKeyInput = strictObject({
  name,
  kind,
  scopes: Type.Array(scope, { minItems: 1, uniqueItems: true, description: 'At most those of the key that you use; a publishable key may only read products.' }),
  expires_at: Type.Optional(Timestamp('When it stops to work. Without it: never.')),
}, { $id: 'ApiKeyInput', examples: [{ name: 'Web shop', kind: 'secret', scopes: ['orders:read', 'orders:write'] }] });

export const ApiKeyRotation = strictObject({
  overlap_seconds: Type.Integer({ minimum: 0, maximum: 604_800, default: 86_400, description: 'For how long the old key still works.' }),
  expires_at: Type.Optional(nullable(Timestamp('When the new key stops to work; null: never. Without it: when the old one would have.'))),
}, { $id: 'ApiKeyRotation', examples: [{ overlap_seconds: 86_400 }] });

const fields = {
  id: Id('apiKey'),
  name: Type.String(),
  kind,
  livemode: Type.Boolean(),
  prefix: Type.String({ description: 'Kind, mode and the first four characters.' }),
  last_four: Type.String(),
  scopes: Type.Array(Type.String()),
  expires_at: nullable(Timestamp()),
  revoked_at: nullable(Timestamp()),
  last_used_at: nullable(Timestamp()),
  created_at: Timestamp(),
};

const example = {
  id: exampleId('apiKey'), name: 'Web shop', kind: 'secret', livemode: false, prefix: 'sk_test_Ab3d', last_four: 'x7Qz',
  scopes: ['orders:read', 'orders:write'], expires_at: null, revoked_at: null, last_used_at: null, created_at: '2026-11-21T09:30:00.000Z',
};

export const ApiKey = Type.Object(fields, { $id: 'ApiKey', examples: [example] });

export const NewApiKey = Type.Object(
  { ...fields, secret: Type.String({ description: 'The key itself. It is shown this once and cannot be read again.' }) },
  { $id: 'NewApiKey', examples: [{ ...example, secret: 'sk_test_Ab3d…x7Qz' }] },
);

export type ApiKeyBody = Static<typeof ApiKey>;
export type NewApiKeyBody = Static<typeof NewApiKey>;
export type ApiKeyInputBody = Static<typeof ApiKeyInput>;
export type ApiKeyRotationBody = Static<typeof ApiKeyRotation>;

export const apiKeySchemas = [ApiKeyInput, ApiKeyRotation, ApiKey, NewApiKey];
