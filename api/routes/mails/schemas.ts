import { Type } from 'typebox';
import type { Static } from 'typebox';
import { exampleId, nullable, Timestamp } from '../../schemas/common.ts';

const statuses = ['pending', 'sending', 'sent', 'failed'] as const;
export const MailStatus = Type.Unsafe<(typeof statuses)[number]>(Type.String({ enum: [...statuses] }));

export const Mail = Type.Object({
  id: Type.String({ description: 'A number as text: mails are listed in the order in which they were asked for.' }),
  template: Type.String(),
  subject_id: Type.String({ description: 'What the mail is about: an order, mostly.' }),
  status: MailStatus,
  attempts: Type.Integer(),
  possible_duplicate: Type.Boolean({ description: 'The sender died between handing it over and noting it: it may have arrived twice.' }),
  message_id: nullable(Type.String({ description: 'The Message-ID header, the same for every attempt.' })),
  last_error: nullable(Type.String({ description: "The mail server's answer to the last attempt that failed." })),
  next_attempt_at: Timestamp(),
  created_at: Timestamp(),
  sent_at: nullable(Timestamp()),
}, {
  $id: 'Mail',
  examples: [{
    id: '1042', template: 'order_confirmation', subject_id: exampleId('order'), status: 'sent', attempts: 1, possible_duplicate: false,
    message_id: '<order_confirmation.ord@mail.perdura.test>', last_error: null, next_attempt_at: '2026-11-21T09:30:01.000Z',
    created_at: '2026-11-21T09:30:00.000Z', sent_at: '2026-11-21T09:30:01.000Z',
  }],
});

export type MailBody = Static<typeof Mail>;

export const mailSchemas = [Mail];
