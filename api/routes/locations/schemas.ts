import { Type } from 'typebox';
import type { Static } from 'typebox';
import { Country, exampleId, Id, nullable, strictObject, Timestamp } from '../../schemas/common.ts';

const code = Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$', description: 'Your own short name, unique; stock files name it.', examples: ['london'] });
const name = Type.String({ minLength: 1, maxLength: 200, examples: ['London warehouse'] });
const priority = Type.Integer({ minimum: 0, maximum: 1_000_000, description: 'Stock is taken from the lowest number first.' });
const status = Type.Unsafe<'active' | 'inactive'>(
  Type.String({ enum: ['active', 'inactive'], description: 'Orders take no stock from an inactive location.' }),
);

export const LocationInput = strictObject({
  code, name,
  country: Type.Optional(Country),
  priority: Type.Optional(priority),
  status: Type.Optional(status),
}, { $id: 'LocationInput', examples: [{ code: 'london', name: 'London warehouse', country: 'GB', priority: 10 }] });

export const LocationChange = strictObject({
  code: Type.Optional(code),
  name: Type.Optional(name),
  country: Type.Optional(nullable(Country)),
  priority: Type.Optional(priority),
  status: Type.Optional(status),
}, { $id: 'LocationChange', minProperties: 1, examples: [{ status: 'inactive' }] });

export const Location = Type.Object({
  id: Id('location'),
  code: Type.String(),
  name: Type.String(),
  country: nullable(Type.String()),
  priority: Type.Integer(),
  status,
  version: Type.Integer({ description: 'Counts changes; the ETag is made of it.' }),
  created_at: Timestamp(),
  updated_at: Timestamp(),
}, {
  $id: 'Location',
  examples: [{
    id: exampleId('location'), code: 'london', name: 'London warehouse', country: 'GB', priority: 10, status: 'active', version: 1,
    created_at: '2026-11-21T09:30:00.000Z', updated_at: '2026-11-21T09:30:00.000Z',
  }],
});

export type LocationBody = Static<typeof Location>;
export type LocationInputBody = Static<typeof LocationInput>;
export type LocationChangeBody = Static<typeof LocationChange>;

export const locationSchemas = [LocationInput, LocationChange, Location];
