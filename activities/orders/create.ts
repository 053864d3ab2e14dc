import type { Database } from '#entities/database.ts';
import type { KeyRing } from '#platform/keyring.ts';
import type { OrderActivities } from './contract.ts';
import { loadClosedOrder } from './load-closed-order.ts';
import { openOrder } from './open-order.ts';
import { reprojectOrder } from './reproject-order.ts';
import { saveOrder } from './save-order.ts';
import { showAttention } from './show-attention.ts';
import { leaveWebhookEvent, settleWebhookEvent } from './webhook-events.ts';

export interface OrderActivityDeps {
  database: Database;
  keyRing: KeyRing;
}

/** The row work of order workflows, for the worker to register. */
export function createOrderActivities(deps: OrderActivityDeps): OrderActivities {
  return {
    openOrder: openOrder(deps),
    saveOrder: saveOrder(deps),
    showAttention: showAttention(deps),
    settleWebhookEvent: settleWebhookEvent(deps),
    leaveWebhookEvent: leaveWebhookEvent(deps),
    reprojectOrder: reprojectOrder(deps),
    loadClosedOrder: loadClosedOrder(deps),
  };
}
