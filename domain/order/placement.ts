import type { OrderContact } from './contact.ts';
import type { OrderLineState, OrderState, PaymentConnection } from './state.ts';
import type { TenantRef, TenantSettings } from '../tenant.ts';
import { combine } from './shipping-plan.ts';
import { plusSeconds } from './deadlines.ts';
import { derivePaymentStatus } from './derive.ts';
import { computeTotals, flatRateTax, type LineTotals } from './totals.ts';

/** A line as the API took it in: its SKU was found, its price is a snapshot. */
export interface PlacementLine {
  id: string;
  sku: string;
  title: string;
  quantity: number;
  /** Minor units per unit of goods. */
  unitPrice: number;
}

/**
 * What the API validates, prices and seals into the intake row (`intake_commands.input_sealed`, context = order
 * id); the order's workflow gets the order's id only.
 */
export interface PlacementInput {
  number: number;
  currency: string;
  /** An existing customer's id, or the id for a new one if no customer has this e-mail address yet. */
  customer: { id: string; existing: boolean };
  contact: OrderContact;
  lines: PlacementLine[];
  /** Minor units off the order; 0 = none. */
  discount: number;
  /** Minor units; overrides the tenant's flat charge. */
  shipping?: number;
  /** False = no tax on this order (an import that carries gross amounts). */
  taxed: boolean;
  payment: { paymentId: string; provider: string; connectionId?: string; paymentMethod?: string; saveMethod?: boolean };
  metadata: Record<string, unknown>;
  channel: string;
  draft: boolean;
  actor: string;
}

export interface Opened {
  state: OrderState;
  lineTotals: LineTotals[];
}

/**
 * The first state of an order: totals to the cent, its first payment attempt known before anything is asked of a
 * provider, and the moment at which it expires if it stays unpaid. Pure.
 */
export function openedOrder(
  input: PlacementInput,
  base: { id: string; scope: TenantRef; customerId: string; at: string; settings: TenantSettings; connection: PaymentConnection },
): Opened {
  const { settings, connection, at } = base;
  const shipping = input.shipping ?? settings.shippingAmounts[input.currency] ?? 0;
  const taxes = flatRateTax(input.taxed ? settings.taxRateMillionths : 0);
  const { totals, lines: lineTotals } = computeTotals({ lines: input.lines, discount: input.discount, shipping }, taxes);
  const lines = input.lines.map(
    (line, index): OrderLineState => ({
      id: line.id, sku: line.sku, quantity: line.quantity, total: lineTotals[index]!.total, shipped: 0, delivered: 0, returned: 0, refunded: 0,
    }),
  );
  const { paymentId, paymentMethod, saveMethod } = input.payment;
  const state: OrderState = {
    v: 1, id: base.id, number: input.number, scope: base.scope, customerId: base.customerId, currency: input.currency, seq: 1,
    status: input.draft ? 'draft' : 'pending', paymentStatus: 'none', fulfillmentStatus: 'unfulfilled', attention: null, disputed: false,
    totals, lines, connection, shipments: [], refunds: [], reserved: !input.draft, settings, placedAt: at,
    expiresAt: plusSeconds(at, settings.paymentWindowSeconds),
    payments: input.draft
      ? []
      : [
          {
            id: paymentId, attempt: 1, connectionId: connection.id, provider: connection.provider, capabilities: connection.capabilities,
            status: 'pending', amount: totals.total, authorized: 0, captured: 0, refunded: 0, requestedAt: at,
            ...(paymentMethod ? { paymentMethod } : {}), ...(saveMethod ? { saveMethod } : {}),
          },
        ],
  };
  state.paymentStatus = derivePaymentStatus(state);
  return { state, lineTotals };
}

/** The units an order wants held, by SKU. */
export function unitsOf(input: Pick<PlacementInput, 'lines'>): { sku: string; quantity: number }[] {
  return combine(input.lines);
}
