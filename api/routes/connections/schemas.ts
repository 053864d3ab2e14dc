import { Type } from 'typebox';
import type { Static } from 'typebox';
import { exampleId, Id, strictObject, Timestamp } from '../../schemas/common.ts';

const name = Type.String({ minLength: 1, maxLength: 100, examples: ['Stripe, main account'] });
const credentials = strictObject(
  { secret_key: Type.String({ pattern: '^(sk|rk)_(test|live)_[0-9A-Za-z_]{3,250}$', description: "The account's secret or restricted key, of the mode of your API key." }) },
  { description: 'Encrypted at rest and never shown again.' },
);
const webhookSecrets = Type.Array(Type.String({ pattern: '^whsec_[0-9A-Za-z+/=_-]{3,250}$' }), {
  maxItems: 4,
  description: 'Signing secrets of the webhook endpoint, newest first: while one is rotated, both are good. Never shown again.',
});
const status = Type.Unsafe<'active' | 'disabled'>(Type.String({ enum: ['active', 'disabled'] }));
const isDefault = Type.Boolean({ description: "The one that payments take when an order doesn't name one. The first is the default anyway." });

const capabilityFields = {
  multicapture: Type.Boolean({ description: 'An authorisation can be captured in several parts: ask Stripe to enable it first.' }),
  incremental_authorization: Type.Boolean({ description: 'An authorisation can be raised.' }),
  delayed_methods: Type.Boolean({ description: 'Payments may stay in processing for days.' }),
  requests_per_second: Type.Integer({ minimum: 1, maximum: 10_000, description: 'Calls per second that the account may make.' }),
};
const capabilitiesInput = strictObject({
  multicapture: Type.Optional(capabilityFields.multicapture),
  incremental_authorization: Type.Optional(capabilityFields.incremental_authorization),
  delayed_methods: Type.Optional(capabilityFields.delayed_methods),
  requests_per_second: Type.Optional(capabilityFields.requests_per_second),
}, { description: "What isn't named stays as it is; Stripe's defaults at first." });

export const ConnectionInput = strictObject({
  provider: Type.Literal('stripe'),
  name,
  credentials,
  webhook_secrets: Type.Optional(webhookSecrets),
  capabilities: Type.Optional(capabilitiesInput),
  is_default: Type.Optional(isDefault),
}, {
  $id: 'ConnectionInput',
  examples: [{ provider: 'stripe', name: 'Stripe, main account', credentials: { secret_key: 'sk_test_example' }, webhook_secrets: ['whsec_example'] }],
});

export const ConnectionChange = strictObject({
  name: Type.Optional(name),
  credentials: Type.Optional(credentials),
  webhook_secrets: Type.Optional(webhookSecrets),
  capabilities: Type.Optional(capabilitiesInput),
  is_default: Type.Optional(isDefault),
  status: Type.Optional(status),
}, { $id: 'ConnectionChange', minProperties: 1, examples: [{ capabilities: { multicapture: true } }] });

export const Connection = Type.Object({
  id: Id('connection'),
  provider: Type.String(),
  name: Type.String(),
  key: Type.Object({ prefix: Type.String(), last_four: Type.String() }, { description: 'All that is shown of the secret key.' }),
  webhook_url: Type.String({ format: 'uri', description: "Where the provider's webhook endpoint must point to." }),
  webhook_secret_count: Type.Integer({ description: '0: events are refused until a secret is set.' }),
  capabilities: Type.Object(capabilityFields),
  is_default: Type.Boolean(),
  status,
  created_at: Timestamp(),
  updated_at: Timestamp(),
}, {
  $id: 'Connection',
  examples: [{
    id: exampleId('connection'), provider: 'stripe', name: 'Stripe, main account', key: { prefix: 'sk_test_', last_four: 'mple' },
    webhook_url: `https://shop.example/webhooks/stripe/${exampleId('connection')}`, webhook_secret_count: 1,
    capabilities: { multicapture: false, incremental_authorization: false, delayed_methods: false, requests_per_second: 25 },
    is_default: true, status: 'active', created_at: '2026-11-21T09:30:00.000Z', updated_at: '2026-11-21T09:30:00.000Z',
  }],
});

export type ConnectionBody = Static<typeof Connection>;
export type ConnectionInputBody = Static<typeof ConnectionInput>;
export type ConnectionChangeBody = Static<typeof ConnectionChange>;

export const connectionSchemas = [ConnectionInput, ConnectionChange, Connection];
