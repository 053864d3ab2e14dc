import { Type, type Static, type TObject, type TProperties, type TSchema, type TUnsafe } from 'typebox';
import { idPattern, type IdKind } from '#domain/ids.ts';
import { problems, type ProblemCode } from '../problem.ts';

/** An object of a request: what it doesn't name is refused, so that a misspelt field is never ignored in silence. */
export function strictObject<T extends TProperties>(properties: T, options: Record<string, unknown> = {}): TObject<T> {
  return Type.Object(properties, { ...options, additionalProperties: false });
}

/** A reference to a schema registered under its `$id`: one entry in the OpenAPI components, types kept. */
export function ref<T extends TSchema>(schema: T): TUnsafe<Static<T>> {
  const { $id } = schema as { $id?: string };
  if (!$id) throw new Error('Only a schema with $id can be referred to');
  return Type.Unsafe<Static<T>>({ $ref: `${$id}#` } as unknown as TSchema);
}

/** `null` or a value: by a type array for plain types (fast to serialise), else by anyOf. */
export function nullable<T extends TSchema>(schema: T): TUnsafe<Static<T> | null> {
  const { type, enum: values, ...rest } = schema as { type?: string; enum?: unknown[] };
  const plain = typeof type === 'string' && type !== 'object' && type !== 'array';
  if (plain) return Type.Unsafe<Static<T> | null>({ ...rest, type: [type, 'null'] } as unknown as TSchema);
  if (values) return Type.Unsafe<Static<T> | null>({ ...rest, type: ['string', 'null'], enum: [...values, null] } as unknown as TSchema);
  return Type.Unsafe<Static<T> | null>({ anyOf: [schema, { type: 'null' }] } as unknown as TSchema);
}

/** A TypeID of that kind. */
export const Id = (kind: IdKind, description?: string) =>
  Type.String({ pattern: idPattern(kind), ...(description ? { description } : {}), examples: [exampleId(kind)] });

/** The id that examples show; fixed, so that the generated document doesn't change from run to run. */
export const exampleId = (kind: IdKind) => `${idPattern(kind).slice(1).split('_')[0]}_01jd5e7c2kf0v8t3xq4n6m9hzb`;

export const Timestamp = (description?: string) =>
  Type.String({ format: 'date-time', ...(description ? { description } : {}), examples: ['2026-11-21T09:30:00.000Z'] });

export const Currency = Type.String({ pattern: '^[A-Z]{3}$', description: 'ISO 4217, upper case.', examples: ['USD'] });

export const Country = Type.String({ pattern: '^[A-Z]{2}$', description: 'ISO 3166-1 alpha-2.', examples: ['US'] });

/** Minor units: far from where integers stop being exact, with room for tax. */
export const highestAmount = 9_999_999_999_999;

/** An amount in minor units of a currency given beside it. */
export const Amount = (description = 'Minor units of the currency: 1999 is 19.99 USD, or 1999 JPY.') =>
  Type.Integer({ minimum: 0, maximum: highestAmount, description, examples: [1999] });

/** An amount with its currency, as a request gives it. */
export const MoneyInput = strictObject({ amount: Amount(), currency: Currency }, { $id: 'MoneyInput', examples: [{ amount: 1999, currency: 'USD' }] });

export const Metadata = Type.Unsafe<Record<string, string>>({
  $id: 'Metadata',
  type: 'object',
  description: 'Up to 50 short texts of your own. Nothing personal: they are not encrypted.',
  maxProperties: 50,
  propertyNames: { maxLength: 40 },
  additionalProperties: { type: 'string', maxLength: 500 },
  examples: [{ channel_ref: 'spring-sale' }],
} as unknown as TSchema);

export const Email = Type.String({ format: 'email', minLength: 3, maxLength: 254, examples: ['ada@example.com'] });

/** A postal address as a request gives it. */
export const AddressInput = strictObject(
  {
    name: Type.String({ minLength: 1, maxLength: 200 }),
    line1: Type.String({ minLength: 1, maxLength: 200 }),
    line2: Type.Optional(Type.String({ maxLength: 200 })),
    city: Type.String({ minLength: 1, maxLength: 100 }),
    region: Type.Optional(Type.String({ maxLength: 100, description: 'ISO 3166-2 subdivision, without the country.' })),
    postal_code: Type.Optional(Type.String({ maxLength: 20 })),
    country: Country,
  },
  {
    $id: 'AddressInput',
    examples: [{ name: 'Ada Byron', line1: '12 Analytical Way', city: 'Portland', region: 'OR', postal_code: '97201', country: 'US' }],
  },
);

const fieldError = Type.Object({
  pointer: Type.String({ description: 'JSON pointer into the body; `?name` for a query parameter.' }),
  detail: Type.String(),
});

export const ProblemSchema = Type.Object(
  {
    type: Type.String({ format: 'uri' }),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String({ description: 'What happened and what to do about it.' }),
    instance: Type.Optional(Type.String({ description: 'The path that was asked for.' })),
    code: Type.String({ description: 'Stable: branch on this.' }),
    request_id: Type.String(),
    errors: Type.Optional(Type.Array(fieldError)),
  },
  { $id: 'Problem', description: 'RFC 9457 problem details. Some codes carry members of their own.', additionalProperties: true },
);

/** Reply schemas of those problems: one entry per HTTP status, an example per code (see plugins/openapi-finish.ts). */
export function problemResponses(...codes: ProblemCode[]): object {
  const byStatus = new Map<number, ProblemCode[]>();
  for (const code of new Set(codes)) byStatus.set(problems[code].status, [...(byStatus.get(problems[code].status) ?? []), code]);
  return Object.fromEntries(
    [...byStatus].map(([status, those]) => [
      status,
      {
        description: those.map((code) => problems[code].title).join('; '),
        content: {
          'application/problem+json': {
            schema: ref(ProblemSchema),
            examples: Object.fromEntries(those.map((code) => [code, { $ref: `#/components/examples/${code}` }])),
          },
        },
      },
    ]),
  );
}

/** What every authenticated route can answer besides its own codes. */
export const commonProblems = ['unauthenticated', 'forbidden', 'validation_failed', 'rate_limited', 'internal_error', 'unavailable'] as const;

/** `...problemsOf('not_found')`: the route's own codes and the common ones. */
export const problemsOf = (...codes: ProblemCode[]) => problemResponses(...codes, ...commonProblems);

/** The header of every POST that creates or moves money. */
export const IdempotencyHeaders = Type.Object({
  'idempotency-key': Type.Optional(
    Type.String({
      pattern: '^[\\x21-\\x7e]{1,255}$',
      description: 'Required. 1 to 255 visible ASCII characters; the same key with the same request gives the same answer for at least 24 hours.',
      examples: ['7f3c6b1e-0b52-4a7e-9a3f-0c1d2e3f4a5b'],
    }),
  ),
});

/** What an idempotent route can answer besides its own codes. */
export const idempotencyProblems = ['idempotency_key_required', 'idempotency_key_reused', 'request_in_progress'] as const;

/** The header of a PATCH: the version that the change was made for. */
export const IfMatchHeaders = Type.Object({
  'if-match': Type.Optional(Type.String({ description: 'Required. The ETag that the last GET answered.', examples: ['"v3"'] })),
});

/** Accepted, outcome not known yet. */
export const Accepted = Type.Object(
  { id: Type.String(), status_url: Type.String({ description: 'Ask here for the outcome.' }) },
  { $id: 'Accepted', description: 'Taken in; the outcome is not known yet.', examples: [{ id: exampleId('order'), status_url: `/api/orders/${exampleId('order')}` }] },
);

export const sharedSchemas: TSchema[] = [MoneyInput, Metadata, AddressInput, ProblemSchema, Accepted];
