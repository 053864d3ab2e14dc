import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '#domain/ids.ts';
import { inTenant } from '#entities/unit-of-work.ts';
import { openCredentials, openWebhookSecrets } from '#platform/connection-secrets.ts';
import { startTestApp } from '../test-app.ts';
import type { Ask, TestApp, TestTenant } from '../test-app.ts';

let api: TestApp;
let tenant: TestTenant;
let ask: Ask;
let foreign: Ask;

beforeAll(async () => {
  api = await startTestApp();
  tenant = await api.createTenant();
  ask = api.as(tenant.key);
  foreign = api.as((await api.createTenant()).key);
});
afterAll(() => api.stop());

const stripe = (more: object = {}) => ({ provider: 'stripe', name: 'Main', credentials: { secret_key: 'sk_test_topsecret1234' }, ...more });

const sealedOf = (id: string) =>
  inTenant(api.database, tenant, (db) =>
    db.selectFrom('payment_gateway_connections').select(['credentials_sealed', 'webhook_secrets_sealed']).where('id', '=', id).executeTakeFirstOrThrow());

describe('connections', () => {
  it("are created with Stripe's defaults, and never show a secret", async () => {
    const made = await ask('POST', '/api/connections', stripe({ webhook_secrets: ['whsec_first'] }));
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({
      provider: 'stripe', key: { prefix: 'sk_test_', last_four: '1234' }, webhook_secret_count: 1, is_default: true, status: 'active',
      webhook_url: `https://shop.example/webhooks/stripe/${made.body.id}`,
      capabilities: { multicapture: false, incremental_authorization: false, delayed_methods: false, requests_per_second: 25 },
    });
    const read = await ask('GET', `/api/connections/${made.body.id}`);
    expect(JSON.stringify([made.body, read.body])).not.toMatch(/topsecret|whsec/);
    const row = await sealedOf(made.body.id);
    expect(JSON.stringify(row)).not.toMatch(/topsecret|whsec/);
    expect(openCredentials(api.keyRing, made.body.id, row.credentials_sealed)).toEqual({ secret_key: 'sk_test_topsecret1234' });
  });

  it('have one default, which moves', async () => {
    const { body: second } = await ask('POST', '/api/connections', stripe({ name: 'Second' }));
    expect(second.is_default).toBe(false);
    await ask('POST', '/api/connections', stripe({ name: 'Third', is_default: true }));
    const { data } = (await ask('GET', '/api/connections')).body;
    expect(data.map(({ name, is_default }: { name: string; is_default: boolean }) => [name, is_default])).toEqual([['Third', true], ['Second', false], ['Main', false]]);
  });

  it('change by version, rotate webhook secrets and keep capabilities that are not named', async () => {
    const { body, headers } = await ask('POST', '/api/connections', stripe({ webhook_secrets: ['whsec_old'], capabilities: { requests_per_second: 7 } }));
    const url = `/api/connections/${body.id}`;
    const changed = await ask(
      'PATCH', url, { webhook_secrets: ['whsec_new', 'whsec_old'], capabilities: { multicapture: true }, status: 'disabled' }, { 'if-match': String(headers.etag) },
    );
    expect(changed.body).toMatchObject({ webhook_secret_count: 2, status: 'disabled', capabilities: { multicapture: true, requests_per_second: 7 } });
    const row = await sealedOf(body.id);
    expect(openWebhookSecrets(api.keyRing, body.id, row.webhook_secrets_sealed)).toEqual(['whsec_new', 'whsec_old']);
    expect((await ask('PATCH', url, { name: 'Late' }, { 'if-match': String(headers.etag) })).status).toBe(412);
    expect((await ask('DELETE', url)).status).toBe(204);
    expect((await ask('GET', url)).status).toBe(404);
  });

  it('take keys of their own mode only', async () => {
    const { body } = await ask('POST', '/api/connections', stripe({ credentials: { secret_key: 'sk_live_abc' } }));
    expect(body).toMatchObject({ status: 422, errors: [{ pointer: '/credentials/secret_key' }] });
    expect((await ask('POST', '/api/connections', stripe({ credentials: { secret_key: 'pk_test_abc' } }))).status).toBe(422);
  });

  it("are nobody else's", async () => {
    const { body, headers } = await ask('POST', '/api/connections', stripe());
    const url = `/api/connections/${body.id}`;
    expect((await foreign('GET', url)).status).toBe(404);
    expect((await foreign('PATCH', url, { name: 'X' }, { 'if-match': String(headers.etag) })).status).toBe(404);
    expect((await foreign('DELETE', url)).status).toBe(404);
    expect((await foreign('GET', '/api/connections')).body.data).toEqual([]);
  });
});

describe('webhook events', () => {
  it('are listed by what became of them, and can be driven once more', async () => {
    const { body: connection } = await ask('POST', '/api/connections', stripe());
    const [failed, applied] = [newId('webhookEvent'), newId('webhookEvent')];
    const orderId = newId('order');
    const now = new Date('2026-11-21T09:00:00Z');
    const base = {
      tenant_id: tenant.tenantId, livemode: false, connection_id: connection.id as string, provider_created_at: now,
      payload_sealed: 'sealed', headers: { 'stripe-signature': 't=1' }, received_at: now,
    };
    await inTenant(api.database, tenant, (db) =>
      db
        .insertInto('webhook_events')
        .values([
          { ...base, id: failed, provider_event_id: 'evt_1', type: 'payment_intent.succeeded', status: 'failed', attempts: 9, last_error: 'gone', order_id: orderId },
          { ...base, id: applied, provider_event_id: 'evt_2', type: 'charge.refunded', status: 'applied', applied_at: now },
        ])
        .execute());
    const ids = async (query: string) => (await ask('GET', `/api/webhook-events?${query}`)).body.data.map(({ id }: { id: string }) => id);
    expect(await ids('')).toEqual([applied, failed]);
    expect(await ids('status=failed')).toEqual([failed]);
    expect(await ids('type=charge.refunded')).toEqual([applied]);
    expect(await ids(`order_id=${orderId}`)).toEqual([failed]);
    const shown = (await ask('GET', `/api/webhook-events/${failed}`)).body;
    expect(JSON.stringify(shown)).not.toMatch(/sealed|signature/);
    const driven = await ask('POST', `/api/webhook-events/${failed}/redrive`);
    expect(driven.status).toBe(202);
    expect(driven.body).toMatchObject({ id: failed, status: 'received', attempts: 0, last_error: null, next_attempt_at: expect.any(String) });
    expect((await foreign('GET', `/api/webhook-events/${failed}`)).status).toBe(404);
    expect((await foreign('POST', `/api/webhook-events/${failed}/redrive`)).status).toBe(404);
    expect((await foreign('GET', '/api/webhook-events')).body.data).toEqual([]);
  });
});

describe('mails', () => {
  it('are listed by what they are about, without addresses', async () => {
    const subject = newId('order');
    const now = new Date();
    await inTenant(api.database, tenant, (db) =>
      db
        .insertInto('outbox')
        .values(
          ['order_confirmation', 'order_shipped', 'order_delivered'].map((template, index) => ({
            tenant_id: tenant.tenantId, livemode: false, kind: 'mail', template, subject_id: index === 2 ? newId('order') : subject,
            data: { code: 'hidden' }, dedupe_key: newId('mail'), status: index === 0 ? 'sent' : 'pending', next_attempt_at: now, created_at: now,
            sent_at: index === 0 ? now : null,
          })),
        )
        .execute());
    const { data } = (await ask('GET', `/api/mails?subject_id=${subject}`)).body;
    expect(data).toMatchObject([{ template: 'order_shipped', status: 'pending', sent_at: null }, { template: 'order_confirmation', status: 'sent', possible_duplicate: false }]);
    expect(JSON.stringify(data)).not.toContain('hidden');
    const byStatus = async (status: string) => (await ask('GET', `/api/mails?status=${status}`)).body.data.length;
    expect([await byStatus('pending'), await byStatus('sent'), await byStatus('failed')]).toEqual([2, 1, 0]);
    const first = (await ask('GET', '/api/mails?limit=2')).body;
    expect(first.has_more).toBe(true);
    const rest = (await ask('GET', `/api/mails?limit=2&starting_after=${first.next_cursor}`)).body;
    expect(rest).toMatchObject({ has_more: false, next_cursor: null, data: [{ template: 'order_confirmation' }] });
    expect((await foreign('GET', '/api/mails')).body.data).toEqual([]);
  });
});

describe('the ledger', () => {
  it('sums debits and credits per account and currency, and lists transactions with their entries', async () => {
    const now = new Date();
    const post = (entries: [string, string, number][]) => {
      const id = newId('ledgerTransaction');
      const mine = { tenant_id: tenant.tenantId, livemode: false };
      return inTenant(api.database, tenant, async (db) => {
        await db.insertInto('ledger_transactions').values({ id, ...mine, kind: 'capture', workflow_id: id, seq: 1, position: 0, occurred_at: now }).execute();
        await db
          .insertInto('ledger_entries')
          .values(entries.map(([account, currency, amount], line) => ({ transaction_id: id, line, ...mine, account, currency, amount })))
          .execute();
      });
    };
    await post([['clearing', 'USD', 4900], ['sales', 'USD', -4900]]);
    await post([['clearing', 'USD', -900], ['sales', 'USD', 900]]);
    await post([['clearing', 'EUR', 5], ['sales', 'EUR', -5]]);
    expect((await ask('GET', '/api/ledger/balances')).body.data).toEqual([
      { account: 'clearing', currency: 'EUR', debit: 5, credit: 0, balance: 5 },
      { account: 'clearing', currency: 'USD', debit: 4900, credit: 900, balance: 4000 },
      { account: 'sales', currency: 'EUR', debit: 0, credit: 5, balance: -5 },
      { account: 'sales', currency: 'USD', debit: 900, credit: 4900, balance: -4000 },
    ]);
    const { data, has_more } = (await ask('GET', '/api/ledger/transactions?limit=2')).body;
    expect(has_more).toBe(true);
    expect(data[0]).toMatchObject({ kind: 'capture', order_id: null, entries: [{ account: 'clearing', currency: 'EUR', amount: 5 }, { account: 'sales', amount: -5 }] });
    expect((await ask('GET', `/api/ledger/transactions?order_id=${newId('order')}`)).body.data).toEqual([]);
    expect((await foreign('GET', '/api/ledger/balances')).body.data).toEqual([]);
    expect((await foreign('GET', '/api/ledger/transactions')).body.data).toEqual([]);
  });
});
