/** Task queues by resource profile and failure domain: a slow mail server must not hold up an order. */
export const taskQueues = {
  /** Orders and what comes after their end, with their local activities (row work). */
  orders: 'perdura-orders',
  /** Calls to payment providers, rate-limited as a queue. */
  payments: 'perdura-payments',
  /** The outbox dispatcher and what it sends. */
  outbox: 'perdura-outbox',
  /** Sweepers and other scheduled housekeeping. */
  maintenance: 'perdura-maintenance',
} as const;
