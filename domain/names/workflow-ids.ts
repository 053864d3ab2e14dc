/** Workflow ids are business keys, built here only. They are visible to whoever sees Temporal: nothing personal. */
export const workflowIds = {
  order: (orderId: string) => `order/${orderId}`,
  refund: (refundId: string) => `refund/${refundId}`,
  resolution: (commandId: string) => `resolution/${commandId}`,
  latePaymentEvent: (webhookEventId: string) => `late-payment-event/${webhookEventId}`,
  outbox: () => 'outbox/dispatcher',
  sweeper: () => 'maintenance/sweeper',
} as const;
