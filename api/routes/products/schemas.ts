import { Type } from 'typebox';
import type { Static } from 'typebox';
import { skuPattern } from '#domain/catalogue/sku.ts';
import { exampleId, Id, Metadata, MoneyInput, nullable, ref, strictObject, Timestamp } from '../../schemas/common.ts';

export const Sku = Type.String({ pattern: skuPattern, description: 'Stock keeping unit, unique within tenant and mode.', examples: ['85123A'] });

const title = Type.String({ minLength: 1, maxLength: 200, examples: ['White hanging heart T-light holder'] });
const description = Type.String({ maxLength: 5000 });
const weight = Type.Integer({ minimum: 0, maximum: 10_000_000, description: 'Grams.' });
const millimetres = Type.Integer({ minimum: 1, maximum: 100_000, description: 'Millimetres.' });
const taxCategory = Type.String({ minLength: 1, maxLength: 60, examples: ['standard'] });
const status = Type.Unsafe<'active' | 'archived'>(Type.String({ enum: ['active', 'archived'] }));
const prices = Type.Array(ref(MoneyInput), { maxItems: 50, description: 'One price per currency.' });

const measures = { weight_grams: weight, length_mm: millimetres, width_mm: millimetres, height_mm: millimetres };

export const VariantInput = strictObject({
  sku: Sku,
  title: Type.Optional(Type.String({ minLength: 1, maxLength: 200, description: 'What sets it apart within the product.' })),
  prices: Type.Optional(prices),
  weight_grams: Type.Optional(weight),
  length_mm: Type.Optional(millimetres),
  width_mm: Type.Optional(millimetres),
  height_mm: Type.Optional(millimetres),
  tax_category: Type.Optional(taxCategory),
}, { $id: 'VariantInput', examples: [{ sku: '85123A', prices: [{ amount: 395, currency: 'USD' }], weight_grams: 180 }] });

/** null takes a value away. Prices, if given, replace all prices of the variant. */
export const VariantChange = strictObject({
  sku: Type.Optional(Sku),
  title: Type.Optional(nullable(title)),
  prices: Type.Optional(prices),
  weight_grams: Type.Optional(nullable(weight)),
  length_mm: Type.Optional(nullable(millimetres)),
  width_mm: Type.Optional(nullable(millimetres)),
  height_mm: Type.Optional(nullable(millimetres)),
  tax_category: Type.Optional(taxCategory),
}, { $id: 'VariantChange', minProperties: 1, examples: [{ weight_grams: 185 }] });

export const ProductInput = strictObject({
  title,
  description: Type.Optional(description),
  variants: Type.Array(ref(VariantInput), { minItems: 1, maxItems: 200 }),
  metadata: Type.Optional(ref(Metadata)),
}, {
  $id: 'ProductInput',
  examples: [{
    title: 'White hanging heart T-light holder',
    variants: [{ sku: '85123A', prices: [{ amount: 395, currency: 'USD' }, { amount: 295, currency: 'GBP' }], weight_grams: 180 }],
  }],
});

export const ProductChange = strictObject({
  title: Type.Optional(title),
  description: Type.Optional(nullable(description)),
  status: Type.Optional(status),
  metadata: Type.Optional(ref(Metadata)),
}, { $id: 'ProductChange', minProperties: 1, examples: [{ title: 'Hanging heart T-light holder, white' }] });

const variantExample = {
  id: exampleId('variant'), sku: '85123A', title: null, weight_grams: 180, length_mm: null, width_mm: null, height_mm: null,
  tax_category: 'standard', prices: [{ amount: 295, currency: 'GBP' }, { amount: 395, currency: 'USD' }],
};

export const Variant = Type.Object({
  id: Id('variant'),
  sku: Sku,
  title: nullable(Type.String()),
  weight_grams: nullable(measures.weight_grams),
  length_mm: nullable(measures.length_mm),
  width_mm: nullable(measures.width_mm),
  height_mm: nullable(measures.height_mm),
  tax_category: Type.String(),
  prices: Type.Array(Type.Object({ amount: Type.Integer(), currency: Type.String() }), { description: 'By currency.' }),
}, { $id: 'Variant', examples: [variantExample] });

export const productExample = {
  id: exampleId('product'), title: 'White hanging heart T-light holder', description: null, status: 'active',
  variants: [variantExample], metadata: {}, version: 1,
  created_at: '2026-11-21T09:30:00.000Z', updated_at: '2026-11-21T09:30:00.000Z',
};

export const Product = Type.Object({
  id: Id('product'),
  title: Type.String(),
  description: nullable(Type.String()),
  status,
  variants: Type.Array(ref(Variant)),
  metadata: ref(Metadata),
  version: Type.Integer({ description: 'Counts changes; the ETag is made of it.' }),
  created_at: Timestamp(),
  updated_at: Timestamp(),
}, { $id: 'Product', examples: [productExample] });

export type ProductBody = Static<typeof Product>;
export type ProductInputBody = Static<typeof ProductInput>;
export type ProductChangeBody = Static<typeof ProductChange>;
export type VariantInputBody = Static<typeof VariantInput>;
export type VariantChangeBody = Static<typeof VariantChange>;

export const productSchemas = [VariantInput, VariantChange, ProductInput, ProductChange, Variant, Product];
