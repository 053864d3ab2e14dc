import { isCountry, isRegion } from '#domain/addresses/countries.ts';
import { newId } from '#domain/ids.ts';
import type { Address } from '#domain/order/contact.ts';
import type { PlacementInput, PlacementLine } from '#domain/order/placement.ts';
import type { Sql } from '#entities/unit-of-work.ts';
import type { KeyRing } from '#platform/keyring.ts';
import { emailIndex, openProfile } from '#platform/personal-data.ts';
import type { RequestScope } from '../../context.ts';
import { Problem, type FieldError } from '../../problem.ts';
import { highestAmount } from '../../schemas/common.ts';
import type { PlaceOrderBody } from './inputs.ts';
import { nextOrderNumber, placementFacts, type PlacementFacts } from './placement-facts.ts';

/**
 * Checks a placement against the catalogue, the customers and the connections, and makes what the intake row
 * keeps: prices as they are now, everything personal inside. Totals are the domain's.
 * @throws {Problem} validation_failed with pointers; forbidden for prices without the scope
 */
export async function preparePlacement(db: Sql, keyRing: KeyRing, scope: RequestScope, body: PlaceOrderBody): Promise<PlacementInput> {
  requirePriceScope(scope, body);
  const errors = shapeErrors(body);
  if (errors.length > 0) throw new Problem('validation_failed', { errors });
  const index = body.customer ? emailIndex(keyRing, scope.tenantId, body.customer.email) : null;
  const facts = await placementFacts(db, body, index);
  const wrong = factErrors(body, facts);
  if (wrong.length > 0) throw new Problem('validation_failed', { errors: wrong });
  requireBoundedTotal(body, facts);
  const { payment } = body;
  return {
    number: await nextOrderNumber(db, scope),
    currency: body.currency,
    customer: { id: facts.customer?.id ?? newId('customer'), existing: facts.customer !== null },
    contact: { ...person(keyRing, body, facts), shippingAddress: address(body.shipping_address), ...(body.billing_address ? { billingAddress: address(body.billing_address) } : {}) },
    lines: lines(body, facts),
    discount: body.discount?.amount ?? 0,
    ...(body.shipping_amount === undefined ? {} : { shipping: body.shipping_amount }),
    taxed: !body.tax_exempt,
    payment: {
      paymentId: newId('payment'),
      provider: payment?.provider ?? 'stripe',
      ...(payment?.connection_id ? { connectionId: payment.connection_id } : {}),
      ...(payment?.payment_method ? { paymentMethod: payment.payment_method } : {}),
      ...(payment?.save_payment_method ? { saveMethod: true } : {}),
    },
    metadata: body.metadata ?? {},
    channel: body.channel ?? 'api',
    draft: body.draft ?? false,
    actor: scope.actor,
  };
}

function requirePriceScope(scope: RequestScope, body: PlaceOrderBody): void {
  const prices = body.lines.some((line) => line.unit_price !== undefined) || body.discount || body.shipping_amount !== undefined || body.tax_exempt;
  if (prices && !scope.scopes.includes('orders:price')) {
    throw new Problem('forbidden', { detail: 'unit_price, discount, shipping_amount and tax_exempt need the scope orders:price.', required_scopes: ['orders:price'] });
  }
}

/** What is wrong in itself, beyond what a schema can say. */
function shapeErrors(body: PlaceOrderBody): FieldError[] {
  const errors: FieldError[] = [];
  if (body.customer && body.customer_id) errors.push({ pointer: '/customer_id', detail: 'give either customer or customer_id' });
  if (!body.customer && !body.customer_id) errors.push({ pointer: '/customer', detail: 'is required, or customer_id' });
  if (!body.draft && !body.payment) errors.push({ pointer: '/payment', detail: 'is required unless draft' });
  for (const field of ['shipping_address', 'billing_address'] as const) {
    const given = body[field];
    if (!given) continue;
    if (!isCountry(given.country)) errors.push({ pointer: `/${field}/country`, detail: 'is not an ISO 3166-1 alpha-2 country' });
    else if (given.region && !isRegion(given.country, given.region)) errors.push({ pointer: `/${field}/region`, detail: 'is not a region of that country (ISO 3166-2)' });
  }
  return errors;
}

function factErrors(body: PlaceOrderBody, facts: PlacementFacts): FieldError[] {
  const errors: FieldError[] = [];
  const bySku = new Map(facts.variants.map((variant) => [variant.sku, variant]));
  body.lines.forEach((line, index) => {
    const variant = bySku.get(line.sku);
    if (!variant?.active) errors.push({ pointer: `/lines/${index}/sku`, detail: variant ? 'is no longer sold' : 'is not a SKU of the catalogue' });
    else if (line.unit_price === undefined && variant.price === null) errors.push({ pointer: `/lines/${index}/sku`, detail: `has no price in ${body.currency}` });
  });
  if (body.customer_id && !facts.customer) errors.push({ pointer: '/customer_id', detail: 'there is no such customer' });
  if (facts.customer?.status === 'blocked') errors.push({ pointer: body.customer_id ? '/customer_id' : '/customer', detail: 'this customer is blocked' });
  if (!facts.connection) errors.push({ pointer: '/payment/provider', detail: 'there is no active connection to this provider' });
  return errors.slice(0, 20);
}

/**
 * Each amount has a bound, but units times price, summed, may still leave what money can be counted in. A draft
 * would meet no other limit, and its workflow could never open it.
 */
function requireBoundedTotal(body: PlaceOrderBody, facts: PlacementFacts): void {
  const due = lines(body, facts).reduce((sum, line) => sum + line.quantity * line.unitPrice, body.shipping_amount ?? 0);
  if (due <= highestAmount) return;
  throw new Problem('validation_failed', { errors: [{ pointer: '/lines', detail: `the order must not come to more than ${highestAmount} minor units` }] });
}

function person(keyRing: KeyRing, body: PlaceOrderBody, { customer }: PlacementFacts): { email: string; name: string } {
  if (body.customer) return body.customer;
  const { email, name } = openProfile(keyRing, customer!.id, customer!.profile_sealed);
  return { email, name: name ?? body.shipping_address.name };
}

function lines(body: PlaceOrderBody, facts: PlacementFacts): PlacementLine[] {
  const bySku = new Map(facts.variants.map((variant) => [variant.sku, variant]));
  return body.lines.map(({ sku, quantity, unit_price }) => {
    const { title, price } = bySku.get(sku)!;
    return { id: newId('orderLine'), sku, title, quantity, unitPrice: unit_price ?? price! };
  });
}

function address(input: PlaceOrderBody['shipping_address']): Address {
  const { postal_code: postalCode, ...rest } = input;
  return { ...rest, ...(postalCode ? { postalCode } : {}) };
}
