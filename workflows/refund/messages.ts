import type { TenantRef } from '#domain/tenant.ts';
import { defineUpdate } from '@temporalio/workflow';
import type { CommandOutcome, RefundCommand } from '../order/messages.ts';

/** A refund of an order whose own workflow has ended. */
export interface RefundWorkflowInput {
  scope: TenantRef;
  orderId: string;
  command: RefundCommand;
}

/** Waits for the outcome; the workflow refunds by itself, and this never rejects. */
export const refunded = defineUpdate<CommandOutcome>('refunded');
