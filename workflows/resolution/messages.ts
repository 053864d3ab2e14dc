import type { TenantRef } from '#domain/tenant.ts';
import { defineUpdate } from '@temporalio/workflow';
import type { CommandOutcome, ResolveCommand } from '../order/messages.ts';

/** An operator's answer about an order whose own workflow has ended. */
export interface ResolutionInput {
  scope: TenantRef;
  orderId: string;
  command: ResolveCommand & { commandId: string };
}

/** Waits for the outcome; the workflow resolves by itself, and this never rejects. */
export const resolved = defineUpdate<CommandOutcome>('resolved');
