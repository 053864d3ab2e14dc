import type { AnyRoute } from '../route.ts';
import { accounts } from './accounts.ts';
import { balance } from './balance.ts';
import { charges } from './charges.ts';
import { customers } from './customers.ts';
import { disputes } from './disputes.ts';
import { events } from './events.ts';
import { paymentIntents } from './payment-intents.ts';
import { paymentMethods } from './payment-methods.ts';
import { refunds } from './refunds.ts';
import { setupIntents } from './setup-intents.ts';
import { webhookEndpoints } from './webhook-endpoints.ts';

/** All routes of the Stripe part. A new resource is a file here and a line below. */
export const resources: readonly AnyRoute[] = [
  ...accounts, ...balance, ...charges, ...customers, ...disputes, ...events, ...paymentIntents,
  ...paymentMethods, ...refunds, ...setupIntents, ...webhookEndpoints,
];
