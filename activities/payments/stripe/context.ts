import type Stripe from 'stripe';
import type { ConnectionCapabilities } from '#domain/payments/capabilities.ts';
import type { TenantRef } from '#domain/tenant.ts';
import type { StripeSettings } from './client.ts';

/** What one operation at Stripe works with. */
export interface StripeContext {
  client: Stripe;
  settings: StripeSettings;
  capabilities: ConnectionCapabilities;
  now: () => Date;
  /** Seals what only the customer's browser may see. */
  seal: (value: unknown, context: string) => string;
  /** Waits, unless the activity is cancelled. */
  pause: (ms: number) => Promise<void>;
  customers: StripeCustomers;
}

/** Which Stripe customers our customers are, on this connection. */
export interface StripeCustomers {
  /** The Stripe customer of ours; undefined when there is none yet. */
  find(scope: TenantRef, customerId: string): Promise<string | undefined>;
  /** The same, when this payment method is one that was saved for that customer. */
  findOwner(scope: TenantRef, customerId: string, paymentMethod: string): Promise<string | undefined>;
  /** Keeps the name; keeping it twice changes nothing. */
  keep(scope: TenantRef, customerId: string, stripeCustomer: string): Promise<void>;
}
