import { Type } from 'typebox';
import type { Static } from 'typebox';
import { maxAdjustment } from '#domain/inventory/stock-row.ts';
import { exampleId, Id, nullable, strictObject, Timestamp } from '../../schemas/common.ts';
import { Sku } from '../products/schemas.ts';

const levelExample = {
  sku: '85123A', location_id: exampleId('location'), location_code: 'london', on_hand: 600, reserved: 12, available: 588,
  updated_at: '2026-11-21T09:30:00.000Z',
};

export const StockLevel = Type.Object({
  sku: Type.String(),
  location_id: Id('location'),
  location_code: Type.String(),
  on_hand: Type.Integer({ description: 'Units that are there.' }),
  reserved: Type.Integer({ description: 'Of these, promised to orders.' }),
  available: Type.Integer({ description: 'on_hand less reserved: what can still be ordered.' }),
  updated_at: Timestamp(),
}, { $id: 'StockLevel', examples: [levelExample] });

export const AdjustmentInput = strictObject({
  location_id: Id('location'),
  sku: Sku,
  quantity: Type.Integer({ minimum: -maxAdjustment, maximum: maxAdjustment, not: { const: 0 }, description: 'Signed: what came in is positive, what is gone negative.' }),
  reason: Type.String({ minLength: 1, maxLength: 200, examples: ['delivery'] }),
}, { $id: 'StockAdjustmentInput', examples: [{ location_id: exampleId('location'), sku: '85123A', quantity: 48, reason: 'delivery' }] });

const adjustmentFields = {
  id: Id('stockAdjustment'),
  location_id: Id('location'),
  sku: Type.String(),
  quantity: Type.Integer(),
  reason: Type.String(),
  order_id: nullable(Type.String({ description: 'The order that took or gave back the stock.' })),
  actor: Type.String({ description: 'Who did it.' }),
  created_at: Timestamp(),
};

const adjustmentExample = {
  id: exampleId('stockAdjustment'), location_id: exampleId('location'), sku: '85123A', quantity: 48, reason: 'delivery', order_id: null,
  actor: `key:${exampleId('apiKey')}`, created_at: '2026-11-21T09:30:00.000Z',
};

export const StockAdjustment = Type.Object(adjustmentFields, { $id: 'StockAdjustment', examples: [adjustmentExample] });

export const AdjustedStock = Type.Object(
  {
    ...adjustmentFields,
    level: Type.Object({ on_hand: Type.Integer(), reserved: Type.Integer(), available: Type.Integer() }, { description: 'What it left.' }),
  },
  { $id: 'AdjustedStock', examples: [{ ...adjustmentExample, level: { on_hand: 600, reserved: 12, available: 588 } }] },
);

export type StockLevelBody = Static<typeof StockLevel>;
export type AdjustmentInputBody = Static<typeof AdjustmentInput>;
export type StockAdjustmentBody = Static<typeof StockAdjustment>;
export type AdjustedStockBody = Static<typeof AdjustedStock>;

export const stockSchemas = [StockLevel, AdjustmentInput, StockAdjustment, AdjustedStock];
