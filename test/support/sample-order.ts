import { idFromUuid } from '#domain/ids.ts';
import type { PlacementInput } from '#domain/order/placement.ts';
import type { PaymentConnection } from '#domain/order/state.ts';
import { defaultSettings, type TenantRef, type TenantSettings } from '#domain/tenant.ts';

/** The tenant whose orders tests place. */
export const sampleScope: TenantRef = { tenantId: 'ten_01h00000000000000000000000', livemode: false };

/** An id that is the same in every run: histories are recorded with it. */
export function sampleId(kind: Parameters<typeof idFromUuid>[0], n: number): string {
  return idFromUuid(kind, `01900000-0000-7000-8000-${n.toString(16).padStart(12, '0')}`);
}

/** The tenant's account at the provider; Stripe's default captures once only. */
export function sampleConnection(multicapture = false): PaymentConnection {
  return {
    id: sampleId('connection', 1), provider: 'stripe', capabilities: { multicapture, incrementalAuthorization: false, delayedMethods: false },
  };
}

export const sampleSettings = (settings: Partial<TenantSettings> = {}): TenantSettings => ({ ...defaultSettings, ...settings });

/** Three mugs and two tea pots, 3 × 12.50 + 2 × 40.00 = 117.50 USD, paid by card. */
export function samplePlacement(n: number, changes: Partial<PlacementInput> = {}): PlacementInput {
  return {
    number: 1000 + n, currency: 'USD', customer: { id: sampleId('customer', n), existing: false },
    contact: {
      email: `buyer-${n}@example.com`, name: 'Ada Buyer',
      shippingAddress: { name: 'Ada Buyer', line1: '1 Market St', city: 'San Francisco', region: 'CA', postalCode: '94105', country: 'US' },
    },
    lines: [
      { id: sampleId('orderLine', n * 10), sku: 'MUG', title: 'Mug', quantity: 3, unitPrice: 1250 },
      { id: sampleId('orderLine', n * 10 + 1), sku: 'POT', title: 'Tea pot', quantity: 2, unitPrice: 4000 },
    ],
    discount: 0, taxed: false, payment: { paymentId: sampleId('payment', n * 10), provider: 'stripe', paymentMethod: 'pm_card_visa' },
    metadata: {}, channel: 'api', draft: false, actor: 'key:test',
    ...changes,
  };
}
