import type { ConnectionCapabilities } from '#domain/payments/capabilities.ts';
import type { AuthorizeRequest, PaymentProvider } from '#domain/payments/port.ts';
import { createStripeClient, type StripeSettings } from './client.ts';
import type { StripeCustomers } from './context.ts';
import { createStripeProvider } from './provider.ts';

/** For tests: a provider on any Stripe-compatible server, with customers kept in memory. */
export function testProvider(
  apiUrl: string,
  options: { key?: string; timeoutMs?: number; now?: () => Date; capabilities?: Partial<ConnectionCapabilities>; returnUrl?: string } = {},
) {
  const settings: StripeSettings = { apiUrl, timeoutMs: options.timeoutMs ?? 2_000, ...(options.returnUrl ? { returnUrl: options.returnUrl } : {}) };
  const refs = new Map<string, string>();
  const customers: StripeCustomers = {
    find: async (_scope, customerId) => refs.get(customerId),
    findOwner: async () => undefined,
    keep: async (_scope, customerId, ref) => void refs.set(customerId, ref),
  };
  const client = createStripeClient(options.key ?? 'sk_test_adapter', settings);
  const provider: PaymentProvider = createStripeProvider({
    client,
    settings,
    capabilities: { multicapture: false, incremental_authorization: false, delayed_methods: false, requests_per_second: 25, ...options.capabilities },
    now: options.now ?? (() => new Date()),
    seal: (value) => JSON.stringify(value),
    pause: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    customers,
  });
  return { provider, client };
}

let count = 0;

/** A request to authorise 20.00 USD from a card that works. */
export function authorizeRequest(changes: Partial<AuthorizeRequest> = {}): AuthorizeRequest {
  const number = (count += 1);
  return {
    scope: { tenantId: 'ten_1', livemode: false },
    connectionId: 'con_1',
    orderId: `ord_${number}`,
    paymentId: `pay_${number}`,
    customerId: `cus_${number}`,
    requestedAt: new Date().toISOString(),
    amount: 2000,
    currency: 'USD',
    paymentMethod: 'pm_card_visa',
    captureMethod: 'manual',
    offSession: false,
    saveMethod: false,
    idempotencyKey: `order/ord_${number}/authorize/1`,
    ...changes,
  };
}

/** Asks again as Temporal does, as long as the failure may be tried again. */
export async function patiently<T>(ask: () => Promise<T>, attempts = 30): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await ask();
    } catch (error) {
      if (attempt === attempts || (error as { nonRetryable?: boolean }).nonRetryable) throw error;
    }
  }
}
