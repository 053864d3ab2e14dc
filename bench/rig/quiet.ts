import { setTimeout as pause } from 'node:timers/promises';
import type { Rig } from './rig.ts';

const open = `select
  (select count(*)::int from outbox where status in ('pending', 'sending')) as mails,
  (select count(*)::int from webhook_events where status = 'received') as webhooks,
  (select count(*)::int from intake_commands where delivered_at is null) as commands`;

/**
 * Waits until nothing that an order has set off is under way any more: mails are sent, webhooks decided about.
 * Answers how long that took, in seconds. @throws when it takes longer than two minutes
 */
export async function untilQuiet({ sql }: Rig): Promise<number> {
  const began = performance.now();
  for (;;) {
    const { rows } = await sql.query<{ mails: number; webhooks: number; commands: number }>(open);
    const { mails, webhooks, commands } = rows[0]!;
    if (mails + webhooks + commands === 0) return (performance.now() - began) / 1000;
    if (performance.now() - began > 120_000) {
      throw new Error(`After two minutes there are still ${mails} mails to send, ${webhooks} webhooks to decide about and ${commands} commands to deliver`);
    }
    await pause(100);
  }
}
