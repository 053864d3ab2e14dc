import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';

/**
 * The one registry of custom search attributes, over all workflow types. SQL visibility has room for 10
 * Keyword and 3 each of Int, Datetime and Bool: spend them with care. Nothing personal, ever: they are not encrypted.
 */
export const searchAttributes = {
  /** Tenant that owns the process. */
  tenant: defineSearchAttributeKey('PerduraTenant', SearchAttributeType.KEYWORD),
  /** `test` or `live`. */
  mode: defineSearchAttributeKey('PerduraMode', SearchAttributeType.KEYWORD),
  /** The order's `status`. */
  orderStatus: defineSearchAttributeKey('OrderStatus', SearchAttributeType.KEYWORD),
  /** The order's `payment_status`. */
  paymentStatus: defineSearchAttributeKey('PaymentStatus', SearchAttributeType.KEYWORD),
  /** Why the process waits for a person, or the reason of its last business refusal: `attention.code`. */
  reasonCode: defineSearchAttributeKey('ReasonCode', SearchAttributeType.KEYWORD),
  /** Size class of the order's total, see domain/order/amount-band.ts. */
  amountBand: defineSearchAttributeKey('AmountBand', SearchAttributeType.KEYWORD),
  /** When the process will act next by itself. */
  nextDeadline: defineSearchAttributeKey('NextDeadline', SearchAttributeType.DATETIME),
  /** True while an operator is needed. */
  needsAttention: defineSearchAttributeKey('NeedsAttention', SearchAttributeType.BOOL),
} as const;

const typeNames = { KEYWORD: 'Keyword', DATETIME: 'Datetime', BOOL: 'Bool', INT: 'Int' } as const;

/** As the Temporal CLI and the operator service take them: name and type. */
export const searchAttributeRegistry = Object.values(searchAttributes).map(({ name, type }) => ({
  name,
  type: typeNames[type as keyof typeof typeNames],
}));
