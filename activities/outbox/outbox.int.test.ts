import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { leaseMs } from './limits.ts';
import { dispatchUntil, type DispatchReport } from './create.ts';
import { OutboxFixture } from './testing/fixture.ts';

// The first suite of a run also starts the servers.
jest.setTimeout(60_000);

const fixture = new OutboxFixture();
let tenant: string;
let order: string;

beforeAll(async () => {
  await fixture.start();
  tenant = await fixture.tenant({ notificationEmail: 'boss@shop.example', branding: { supportEmail: 'help@shop.example' } });
  order = await fixture.order(tenant);
});
afterAll(() => fixture.stop());
beforeEach(() => fixture.reset());

describe('a mail on its way', () => {
  it('reaches the customer with a stable Message-ID, and the row says so', async () => {
    const id = await fixture.announce(order);
    const result = await fixture.dispatch(fixture.worker());
    expect(result).toMatchObject({ claimed: 1, sent: 1, duplicates: 0 });
    const row = await fixture.row(id);
    expect(row).toMatchObject({ status: 'sent', attempts: 1, possible_duplicate: false, last_error: null });
    expect(row.sent_at).toBeInstanceOf(Date);
    const [mail] = fixture.smtp.received;
    expect(mail!.to).toBe('ada@example.com');
    expect(mail!.headers.get('message-id')).toBe(`<${row.message_id}>`);
    expect(row.message_id).toMatch(/^order\+ord_\w+\+\d+\+order_confirmation@shop\.example$/);
    expect(mail!.headers.get('x-perdura-outbox-id')).toBe(String(id));
    expect(mail!.headers.get('from')).toBe('Nordlicht <orders@shop.example>');
    expect(mail!.headers.get('reply-to')).toBe('help@shop.example');
    expect(mail!.headers.has('x-perdura-possible-duplicate')).toBe(false);
    expect(mail!.raw).toContain('Enamel mug');
  });

  it('tells the merchant what needs attention, and records when there is nobody to tell', async () => {
    const silent = await fixture.order(await fixture.tenant());
    const told = await fixture.announce(order, 'admin_notification', { code: 'capture_failed' });
    const untold = await fixture.announce(silent, 'admin_notification', { code: 'capture_failed' });
    await fixture.dispatch(fixture.worker());
    expect(fixture.smtp.received.map((mail) => mail.to)).toEqual(['boss@shop.example']);
    expect((await fixture.row(told)).status).toBe('sent');
    expect(await fixture.row(untold)).toMatchObject({ status: 'failed', last_error: 'no_recipient' });
  });

  it('is refused for good when the server says that this is no address', async () => {
    const id = await fixture.announce(await fixture.order(tenant, 'nonsense'));
    expect(await fixture.dispatch(fixture.worker())).toMatchObject({ failed: 1, serverAway: false });
    expect(await fixture.row(id)).toMatchObject({ status: 'failed', last_error: 'smtp_501' });
  });

  it('leaves in one batch for several tenants and modes', async () => {
    const other = await fixture.order(await fixture.tenant(), 'live@example.com', true);
    await fixture.announce(order);
    await fixture.announce(other);
    expect(await fixture.dispatch(fixture.worker())).toMatchObject({ sent: 2 });
    expect(fixture.smtp.received.map((mail) => mail.to).sort()).toEqual(['ada@example.com', 'live@example.com']);
    const live = fixture.smtp.received.find((mail) => mail.to === 'live@example.com');
    expect(live!.raw).not.toContain('Test mode');
  });
});

describe('a mail server that misbehaves', () => {
  it('451, then ok: the mail waits and arrives once', async () => {
    fixture.smtp.behave = (attempt) => (attempt === 1 ? { data: 451, text: '4.7.1 try again, ada@example.com' } : 'accept');
    const worker = fixture.worker();
    const id = await fixture.announce(order);
    expect(await fixture.dispatch(worker)).toMatchObject({ deferred: 1, serverAway: false });
    const row = await fixture.row(id);
    expect(row).toMatchObject({ status: 'pending', attempts: 1, last_error: 'smtp_451_4.7.1', possible_duplicate: false });
    const wait = row.next_attempt_at.getTime() - Date.now();
    expect(wait).toBeGreaterThan(25_000);
    expect(wait).toBeLessThan(34_000);
    expect(await fixture.dispatch(worker)).toMatchObject({ claimed: 0 });
    fixture.skewMs = 35_000;
    expect(await fixture.dispatch(worker)).toMatchObject({ sent: 1, duplicates: 0 });
    expect(fixture.smtp.received).toHaveLength(1);
    expect((await fixture.row(id)).last_error).toBeNull();
  });

  it('550: refused for good, visible, and no word of the address anywhere but in the mail', async () => {
    fixture.smtp.behave = () => ({ rcpt: 550, text: '5.1.1 <ada@example.com> is not here' });
    const id = await fixture.announce(order);
    expect(await fixture.dispatch(fixture.worker())).toMatchObject({ failed: 1, serverAnswered: true });
    const row = await fixture.row(id);
    expect(row).toMatchObject({ status: 'failed', last_error: 'smtp_550_5.1.1' });
    expect(fixture.logged.join()).toContain('smtp_550_5.1.1');
    expect(fixture.logged.join() + JSON.stringify(row)).not.toMatch(/ada@|Lovelace/i);
  });

  it('drops the line before the content: tried again, not a duplicate', async () => {
    fixture.smtp.behave = (attempt) => (attempt === 1 ? 'hangup_at_recipient' : 'accept');
    const worker = fixture.worker();
    const id = await fixture.announce(order);
    expect(await fixture.dispatch(worker)).toMatchObject({ deferred: 1, serverAway: true });
    expect(await fixture.row(id)).toMatchObject({ status: 'pending', possible_duplicate: false, last_error: 'connection_ECONNECTION' });
    fixture.skewMs = 40_000;
    expect(await fixture.dispatch(worker)).toMatchObject({ sent: 1, duplicates: 0 });
    expect(fixture.smtp.received).toHaveLength(1);
  });

  it.each(['hangup_after_content', 'hangup_but_keep'] as const)('%s: nobody knows, so the second attempt is flagged', async (fault) => {
    fixture.smtp.behave = (attempt) => (attempt === 1 ? fault : 'accept');
    const worker = fixture.worker();
    const id = await fixture.announce(order);
    await fixture.dispatch(worker);
    expect(await fixture.row(id)).toMatchObject({ status: 'pending', possible_duplicate: true });
    fixture.skewMs = 40_000;
    expect(await fixture.dispatch(worker)).toMatchObject({ sent: 1, duplicates: 1 });
    const ids = fixture.smtp.received.map((mail) => mail.headers.get('message-id'));
    expect(ids).toHaveLength(fault === 'hangup_but_keep' ? 2 : 1);
    expect(new Set(ids).size).toBe(1);
    expect(fixture.smtp.received.at(-1)!.headers.get('x-perdura-possible-duplicate')).toBe('true');
  });

  it('is away for a while: one attempt each time, nothing lost, everything leaves when it is back', async () => {
    const rows = await announceMany(30);
    await fixture.smtp.stop();
    const worker = fixture.worker();
    const total: DispatchReport = { sent: 0, deferred: 0, failed: 0, duplicates: 0 };
    const stop = new AbortController();
    const running = dispatchUntil(stop.signal, worker, total);
    await until(() => total.deferred >= 6);
    await fixture.smtp.start();
    fixture.skewMs = 60_000;
    await until(() => total.sent === rows.length);
    stop.abort();
    await running;
    expect(await fixture.statuses()).toEqual({ sent: 30 });
    expect(fixture.smtp.received).toHaveLength(30);
    // Five lanes met the outage; after that, single probes.
    expect(total.deferred).toBeLessThan(12);
    expect(total.duplicates).toBe(0);
  });

  it('gives a greylisted mail up after five days, and says so', async () => {
    fixture.smtp.behave = () => ({ rcpt: 450, text: '4.2.0 later' });
    const id = await fixture.announce(order);
    fixture.skewMs = 5 * 24 * 3600_000 + 60_000;
    expect(await fixture.dispatch(fixture.worker())).toMatchObject({ failed: 1 });
    expect(await fixture.row(id)).toMatchObject({ status: 'failed', last_error: 'given_up_smtp_450_4.2.0' });
  });
});

describe('a worker that misbehaves', () => {
  it('dies between the 250 and the record: exactly one duplicate, and it is flagged', async () => {
    const id = await fixture.announce(order);
    const dying = fixture.worker();
    const send = dying.mailer.send;
    dying.mailer.send = async (mail) => {
      await send(mail);
      throw new Error('killed');
    };
    await expect(fixture.dispatch(dying)).rejects.toThrow('killed');
    expect(await fixture.row(id)).toMatchObject({ status: 'sending', possible_duplicate: false });

    const heir = fixture.worker();
    expect(await fixture.dispatch(heir)).toMatchObject({ claimed: 0 });
    fixture.skewMs = leaseMs + 1_000;
    expect(await fixture.dispatch(heir)).toMatchObject({ sent: 1, duplicates: 1 });
    expect(await fixture.dispatch(heir)).toMatchObject({ claimed: 0 });
    expect(await fixture.row(id)).toMatchObject({ status: 'sent', attempts: 2, possible_duplicate: true });
    const [first, second] = fixture.smtp.received;
    expect(fixture.smtp.received).toHaveLength(2);
    expect(first!.headers.get('message-id')).toBe(second!.headers.get('message-id'));
    expect(first!.headers.has('x-perdura-possible-duplicate')).toBe(false);
    expect(second!.headers.get('x-perdura-possible-duplicate')).toBe('true');
  });

  it('keeps what it works on, however slow the mail server, for as long as it lives', async () => {
    for (let mail = 0; mail < 4; mail += 1) await fixture.announce(order);
    fixture.smtp.delayMs = 2_500;
    const sending = fixture.dispatch({ ...fixture.worker(), leaseMs: 1_500 });
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    expect(await fixture.dispatch(fixture.worker())).toMatchObject({ claimed: 0 });
    expect(await sending).toMatchObject({ sent: 4, duplicates: 0 });
  });

  it('begins nothing more once it could not keep its rows, and leaves them to others', async () => {
    const mails = 40;
    for (let mail = 0; mail < mails; mail += 1) await fixture.announce(order);
    fixture.smtp.delayMs = 1_200;
    await fixture.sql('alter function renew_outbox rename to renew_outbox_away');
    const cut = await fixture.dispatch({ ...fixture.worker(), leaseMs: 1_000 }).finally(() => fixture.sql('alter function renew_outbox_away rename to renew_outbox'));
    expect(cut.sent).toBeGreaterThan(0);
    expect(cut.sent).toBeLessThan(mails);
    expect(fixture.logged.join()).toContain('could not be kept');
    fixture.smtp.delayMs = 0;
    while ((await fixture.dispatch(fixture.worker())).claimed > 0);
    expect(await fixture.statuses()).toEqual({ sent: mails });
    expect(fixture.smtp.received).toHaveLength(mails);
  });

  it('begins nothing that another one took while it could not keep it, though it reaches Postgres again', async () => {
    const mails = 40;
    for (let mail = 0; mail < mails; mail += 1) await fixture.announce(order);
    fixture.smtp.delayMs = 2_500;
    await fixture.sql('alter function renew_outbox rename to renew_outbox_away');
    const sending = fixture.dispatch({ ...fixture.worker(), leaseMs: 1_000 });
    await new Promise((resolve) => setTimeout(resolve, 1_200));
    // As another dispatcher takes them.
    await fixture.sql(`update outbox set attempts = attempts + 1, next_attempt_at = now() + interval '1 minute' where status = 'sending'`);
    await fixture.sql('alter function renew_outbox_away rename to renew_outbox');
    const { sent } = await sending;
    expect(sent).toBeLessThan(mails);
    expect(fixture.smtp.received).toHaveLength(sent);
    expect(await fixture.statuses()).toEqual({ sending: mails });
  });

  it('records nothing over what another one has taken since', async () => {
    const id = await fixture.announce(order);
    const slow = fixture.worker();
    const send = slow.mailer.send;
    slow.mailer.send = async (mail) => {
      const outcome = await send(mail);
      await fixture.sql(`update outbox set attempts = 2, possible_duplicate = true where id = $1`, [id]);
      return outcome;
    };
    await fixture.dispatch(slow);
    expect(await fixture.row(id)).toMatchObject({ status: 'sending', attempts: 2 });
    expect(fixture.logged.join()).toContain('lease had ended');
  });

  it('stops between mails: what it had not begun goes back as if never taken', async () => {
    const rows = await announceMany(12);
    fixture.smtp.delayMs = 50;
    const stop = new AbortController();
    const worker = fixture.worker();
    const running = dispatchUntil(stop.signal, worker, { sent: 0, deferred: 0, failed: 0, duplicates: 0 });
    await until(() => fixture.smtp.received.length > 0);
    stop.abort();
    await running;
    const statuses = await fixture.statuses();
    expect(statuses.sending).toBeUndefined();
    expect(statuses.sent).toBe(fixture.smtp.received.length);
    expect((statuses.sent ?? 0) + (statuses.pending ?? 0)).toBe(rows.length);
    const untouched = [];
    for (const id of rows) untouched.push(await fixture.row(id));
    expect(untouched.filter((row) => row.status === 'pending').every((row) => row.attempts === 0 && !row.possible_duplicate)).toBe(true);
    expect(await fixture.dispatch(fixture.worker())).toMatchObject({ duplicates: 0 });
    expect(fixture.smtp.received).toHaveLength(rows.length);
  });
});

describe('our own faults', () => {
  it('wait for their repair and hold up no other mail', async () => {
    const odd = await fixture.announce(order, 'from_the_future');
    const incomplete = await fixture.announce(order, 'payment_receipt');
    const fine = await fixture.announce(order);
    expect(await fixture.dispatch(fixture.worker())).toMatchObject({ sent: 1, deferred: 2, serverAway: false });
    expect(await fixture.row(odd)).toMatchObject({ status: 'pending', last_error: 'content_MailContentError' });
    expect(await fixture.row(incomplete)).toMatchObject({ status: 'pending', last_error: 'content_MailContentError' });
    expect(await fixture.row(fine)).toMatchObject({ status: 'sent' });
  });
});

describe('several dispatchers', () => {
  it('share the work without doubling any of it, and fast', async () => {
    const count = 200;
    await announceMany(count);
    const totals = [0, 1, 2].map((): DispatchReport => ({ sent: 0, deferred: 0, failed: 0, duplicates: 0 }));
    const stop = new AbortController();
    const running = totals.map((total) => dispatchUntil(stop.signal, fixture.worker(), total));
    await until(() => totals.reduce((sum, total) => sum + total.sent, 0) === count);
    stop.abort();
    await Promise.all(running);
    expect(fixture.smtp.received).toHaveLength(count);
    expect(new Set(fixture.smtp.received.map((mail) => mail.headers.get('message-id'))).size).toBe(count);
    expect(await fixture.statuses()).toEqual({ sent: count });
  });

  it('hand a mail to the server as it comes, while they run', async () => {
    const stop = new AbortController();
    const running = dispatchUntil(stop.signal, fixture.worker(), { sent: 0, deferred: 0, failed: 0, duplicates: 0 });
    for (let index = 0; index < 12; index += 1) {
      await fixture.announce(order);
      await until(() => fixture.smtp.received.length === index + 1);
    }
    stop.abort();
    await running;
    expect(await fixture.statuses()).toEqual({ sent: 12 });
  });
});

async function announceMany(count: number): Promise<number[]> {
  const ids: number[] = [];
  while (ids.length < count) ids.push(await fixture.announce(order));
  return ids;
}

async function until(holds: () => boolean): Promise<void> {
  const deadline = performance.now() + 20_000;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error('It did not come about within 20 s');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
