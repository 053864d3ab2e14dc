import { Type } from 'typebox';
import type { Static } from 'typebox';
import { exampleId, Id, nullable, Timestamp } from '../../schemas/common.ts';

const statuses = ['received', 'signalled', 'applied', 'ignored', 'unmatched', 'failed'] as const;
export const WebhookEventStatus = Type.Unsafe<(typeof statuses)[number]>(
  Type.String({
    enum: [...statuses],
    description:
      'received: stored, its owner not told yet; signalled: told; applied: taken into account; ignored: changes nothing that is recorded; ' +
      'unmatched: its object is not known yet; failed: given up after many attempts.',
  }),
);

export const WebhookEvent = Type.Object({
  id: Id('webhookEvent'),
  connection_id: Id('connection'),
  provider_event_id: Type.String(),
  type: Type.String(),
  object_id: nullable(Type.String({ description: "The provider's object that the event is about." })),
  status: WebhookEventStatus,
  order_id: nullable(Type.String()),
  workflow_id: nullable(Type.String()),
  attempts: Type.Integer(),
  next_attempt_at: nullable(Timestamp('When the sweeper tries next.')),
  last_error: nullable(Type.String()),
  provider_created_at: Timestamp(),
  received_at: Timestamp(),
  applied_at: nullable(Timestamp()),
}, {
  $id: 'WebhookEvent',
  examples: [{
    id: exampleId('webhookEvent'), connection_id: exampleId('connection'), provider_event_id: 'evt_1PqX3aLkdIwHu7ix', type: 'payment_intent.succeeded',
    object_id: 'pi_3PqX3aLkdIwHu7ix', status: 'applied', order_id: exampleId('order'), workflow_id: `order/${exampleId('order')}`, attempts: 1,
    next_attempt_at: null, last_error: null, provider_created_at: '2026-11-21T09:30:00.000Z', received_at: '2026-11-21T09:30:00.400Z',
    applied_at: '2026-11-21T09:30:00.600Z',
  }],
});

export type WebhookEventBody = Static<typeof WebhookEvent>;

export const webhookEventSchemas = [WebhookEvent];
