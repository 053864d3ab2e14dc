import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { sql as raw } from 'kysely';
import type { Client } from '@temporalio/client';
import { newId } from '#domain/ids.ts';
import type { PlacementInput } from '#domain/order/placement.ts';
import type { OrderState } from '#domain/order/state.ts';
import { allowedCommands, refusalOf, type OrderCommand } from '#domain/order/transitions.ts';
import { jsonb } from '#entities/values.ts';
import { inTenant } from '#entities/unit-of-work.ts';
import { openOrder } from '#activities/orders/open-order.ts';
import { createLogger } from '#platform/logger.ts';
import { buildApp, type App } from '../../app.ts';
import { scopes } from '../../scopes.ts';
import { checkResponses } from '../response-check.ts';
import { startTestApp, type Answered, type TestApp, type TestTenant } from '../test-app.ts';

/**
 * Order routes against real rows. Temporal is stood in for: `placed` opens the order by the real activity, and what
 * the workflow would then answer is the test's to say.
 */
let base: TestApp;
let app: App;
let tenant: TestTenant;
let outcome: (orderId: string) => unknown;
const sent: { name: string; input: Record<string, unknown>; updateId: string }[] = [];

const temporal = {
  options: { namespace: 'test' },
  withDeadline: (_at: number, call: () => Promise<unknown>) => call(),
  workflow: {
    executeUpdateWithStart: async (_definition: unknown, { startWorkflowOperation }: { startWorkflowOperation: { options: { args: [{ scope: TestTenant; orderId: string }]; workflowId: string } } }) => {
      const { args: [{ scope, orderId }], workflowId } = startWorkflowOperation.options;
      const opened = await openOrder({ database: base.database, keyRing: base.keyRing })({ scope, orderId, workflowId, at: new Date().toISOString() });
      return opened.outcome === 'out_of_stock' ? { ...opened, orderId } : outcome(orderId);
    },
    getHandle: (workflowId: string) => ({
      executeUpdate: async (name: string, { args, updateId }: { args: [Record<string, unknown>]; updateId: string }) => {
        sent.push({ name, input: args[0], updateId });
        return outcome(workflowId.slice('order/'.length));
      },
    }),
  },
};

beforeAll(async () => {
  base = await startTestApp();
  tenant = await base.createTenant();
  app = await buildApp({ ...base, temporal: temporal as unknown as Client, logger: createLogger('test', 'silent'), extend: checkResponses });
  const { tenantId } = tenant;
  await inTenant(base.database, tenant, async (sql) => {
    await sql.insertInto('payment_gateway_connections').values({
      id: newId('connection'), tenant_id: tenantId, livemode: false, provider: 'stripe', name: 'Test', credentials_sealed: 'x',
      capabilities: jsonb({}), is_default: true, status: 'active', created_at: new Date(), updated_at: new Date(),
    }).execute();
  });
  await ask('POST', '/api/products', { title: 'Mug', variants: [{ sku: 'MUG', prices: [{ amount: 1999, currency: 'USD' }] }, { sku: 'LID', prices: [{ amount: 301, currency: 'USD' }] }] });
  const { body: location } = await ask('POST', '/api/locations', { code: 'main', name: 'Main' });
  for (const sku of ['MUG', 'LID']) await ask('POST', '/api/stock/adjustments', { location_id: location.id, sku, quantity: 100, reason: 'count' });
});
beforeEach(() => {
  sent.length = 0;
  outcome = (orderId) => ({ outcome: 'confirmed', orderId });
});
afterAll(async () => {
  await app.close();
  await base.stop();
});

let keys = 0;
async function ask(method: 'GET' | 'POST' | 'PATCH', url: string, payload?: unknown, headers: Record<string, string> = {}, key = tenant.key): Promise<Answered> {
  const answer = await app.inject({
    method, url, ...(payload === undefined ? {} : { payload: payload as object }),
    headers: { authorization: `Bearer ${key}`, ...(method === 'POST' ? { 'idempotency-key': `k${(keys += 1)}` } : {}), ...headers },
  });
  return { status: answer.statusCode, headers: answer.headers, body: answer.json() };
}

const order = (more: object = {}) => ({
  currency: 'USD',
  customer: { email: 'Ada@Example.com', name: 'Ada Byron' },
  lines: [{ sku: 'MUG', quantity: 2 }],
  shipping_address: { name: 'Ada Byron', line1: '12 Analytical Way', city: 'Portland', region: 'OR', postal_code: '97201', country: 'US' },
  payment: { provider: 'stripe', payment_method: 'pm_card_visa' },
  metadata: { from: 'test' },
  ...more,
});
const place = (more: object = {}, headers: Record<string, string> = {}) => ask('POST', '/api/orders', order(more), headers);

describe('placing', () => {
  it('answers with the order, its totals and where it is', async () => {
    const { status, headers, body } = await place();
    expect(status).toBe(201);
    expect(body).toMatchObject({
      number: expect.any(Number), currency: 'USD', totals: { subtotal: 3998, discount: 0, shipping: 0, tax: 0, total: 3998 },
      lines: [{ sku: 'MUG', title: 'Mug', quantity: 2, unit_price: 1999, total: 3998 }],
      customer: { email: 'Ada@Example.com', name: 'Ada Byron', shipping_address: { postal_code: '97201' } }, metadata: { from: 'test' }, livemode: false,
    });
    expect(headers.location).toBe(`/api/orders/${body.id}`);
    expect(headers.etag).toMatch(/^"v1-/);
    expect((await ask('GET', `/api/orders/${body.id}`)).body).toEqual(body);
  });

  it('gives increasing numbers, and one order per key', async () => {
    const first = await place({}, { 'idempotency-key': 'number' });
    const again = await place({}, { 'idempotency-key': 'number' });
    const next = await place();
    expect(again.body).toEqual(first.body);
    expect(next.body.number).toBeGreaterThan(first.body.number);
  });

  it('finds the customer by e-mail address, or takes the one named', async () => {
    const { body: one } = await place();
    const { body: two } = await place({ customer: { email: ' ada@example.com'.trim(), name: 'A. Byron' } });
    const { body: three } = await place({ customer: undefined, customer_id: one.customer_id });
    expect([two.customer_id, three.customer_id]).toEqual([one.customer_id, one.customer_id]);
    expect(three.customer.email).toBe('Ada@Example.com');
  });

  it('keeps who ordered sealed in the intake row', async () => {
    const { body } = await place();
    const row = await inTenant(base.database, tenant, (sql) =>
      sql.selectFrom('intake_commands').selectAll().where('resource_id', '=', body.id as string).executeTakeFirstOrThrow());
    expect(JSON.stringify(row)).not.toMatch(/Ada|Analytical/);
    expect(base.keyRing.open<PlacementInput>(row.input_sealed, body.id).contact.name).toBe('Ada Byron');
  });

  it('refuses what could never be written: a total beyond all bounds, text that Postgres does not hold', async () => {
    const immense = { sku: 'MUG', quantity: 1_000_000, unit_price: 9_999_999_999_999 };
    for (const draft of [true, false]) {
      const { status, body } = await place({ draft, lines: [immense] });
      expect([status, body.errors[0].pointer]).toEqual([422, '/lines']);
    }
    expect((await place({ metadata: { note: 'a\0b' } })).body.errors[0].pointer).toBe('/metadata/note');
    expect((await place({ lines: [{ sku: 'MUG\0', quantity: 1 }] })).body.errors[0].pointer).toBe('/lines/0/sku');
  });

  it('points at everything that is wrong at once', async () => {
    const wrong = await place({
      customer_id: newId('customer'), lines: [{ sku: 'MUG', quantity: 1 }, { sku: 'NONE', quantity: 1 }],
    });
    expect([wrong.status, wrong.body.errors]).toEqual([422, [{ pointer: '/customer_id', detail: 'give either customer or customer_id' }]]);
    const facts = await place({ customer: undefined, customer_id: newId('customer'), currency: 'EUR', lines: [{ sku: 'MUG', quantity: 1 }, { sku: 'NONE', quantity: 1 }], payment: { provider: 'paypal' } });
    expect(facts.body.errors).toEqual([
      { pointer: '/lines/0/sku', detail: 'has no price in EUR' },
      { pointer: '/lines/1/sku', detail: 'is not a SKU of the catalogue' },
      { pointer: '/customer_id', detail: 'there is no such customer' },
      { pointer: '/payment/provider', detail: 'there is no active connection to this provider' },
    ]);
    const shape = await place({ lines: [{ sku: 'MUG', quantity: 0, price: 1 }], shipping_address: { ...order().shipping_address, country: 'XX' } });
    expect(shape.body.errors.map(({ pointer }: { pointer: string }) => pointer)).toEqual(expect.arrayContaining(['/lines/0/quantity', '/lines/0/price']));
  });

  it('lets only a key with the scope set prices', async () => {
    const plain = await base.createKey(tenant.tenantId, false, scopes.filter((scope) => scope !== 'orders:price'));
    const priced = order({ lines: [{ sku: 'MUG', quantity: 1, unit_price: 5 }] });
    expect((await ask('POST', '/api/orders', priced, {}, plain)).body).toMatchObject({ status: 403, required_scopes: ['orders:price'] });
    expect((await place({ lines: [{ sku: 'MUG', quantity: 3, unit_price: 500 }], discount: { amount: 100 }, shipping_amount: 250 })).body.totals).toEqual(
      { subtotal: 1500, discount: 100, shipping: 250, tax: 0, total: 1650 });
  });

  it('says what is not there when it is out of stock, and there is no order', async () => {
    const { status, body } = await place({ lines: [{ sku: 'MUG', quantity: 1000 }, { sku: 'LID', quantity: 1 }] }, { 'idempotency-key': 'short' });
    expect([status, body.code, body.skus]).toEqual([409, 'out_of_stock', ['MUG']]);
    expect(body.out_of_stock[0]).toMatchObject({ sku: 'MUG', requested: 1000 });
    const again = await place({ lines: [{ sku: 'MUG', quantity: 1000 }, { sku: 'LID', quantity: 1 }] }, { 'idempotency-key': 'short' });
    expect(again.headers['idempotent-replayed']).toBe('true');
  });

  it('tells the customer of a decline in words, and leaves the order to be paid again', async () => {
    outcome = (orderId) => ({ outcome: 'declined', orderId, paymentId: newId('payment'), code: 'card_declined', declineCode: 'insufficient_funds' });
    const { status, body } = await place();
    expect(status).toBe(402);
    expect(body).toMatchObject({ code: 'card_declined', decline_code: 'insufficient_funds', order_id: expect.stringMatching(/^ord_/), detail: expect.stringMatching(/not enough funds/) });
    expect((await ask('GET', `/api/orders/${body.order_id}`)).status).toBe(200);
  });

  it.each([
    ['payment_method_not_found', 'payment_method_not_found', [{ pointer: '/payment/payment_method', detail: expect.any(String) }]],
    ['payment_method_currency_mismatch', 'payment_method_not_usable', [{ pointer: '/payment/payment_method', detail: expect.any(String) }]],
    ['amount_too_small', 'amount_too_small', undefined],
    ['amount_too_large', 'amount_too_large', undefined],
    ['amount_not_chargeable', 'amount_not_chargeable', undefined],
    ['invalid_currency', 'currency_not_chargeable', undefined],
  ])('says of %s that no bank declined it, for the same key again, and the order can be paid', async (declineCode, code, errors) => {
    const key = { 'idempotency-key': `not-taken-${declineCode}` };
    outcome = (orderId) => ({ outcome: 'declined', orderId, paymentId: 'p', code: declineCode });
    const first = await place({}, key);
    expect(first.body).toMatchObject({ status: 422, code, order_id: expect.stringMatching(/^ord_/), detail: expect.not.stringMatching(/bank/) });
    expect([first.body.errors, first.headers.location]).toEqual([errors, `/api/orders/${first.body.order_id}`]);
    expect((await place({}, key)).body).toEqual({ ...first.body, request_id: expect.any(String) });
    expect((await ask('POST', `/api/orders/${first.body.order_id}/payments`, { payment_method: 'pm_x' })).body).toMatchObject({
      status: 422, code, ...(errors ? { errors: [{ pointer: '/payment_method' }] } : {}),
    });
    outcome = (orderId) => ({ outcome: 'confirmed', orderId });
    expect((await ask('POST', `/api/orders/${first.body.order_id}/payments`, { payment_method: 'pm_card_visa' })).status).toBe(201);
  });

  it('says so, too, where only the rows are left to tell', async () => {
    const key = { 'idempotency-key': 'owed-not-taken' };
    outcome = (orderId) => ({ outcome: 'payment_unknown', orderId });
    const { body } = await place({}, key);
    await inTenant(base.database, tenant, async (sql) => {
      await sql.updateTable('orders').set({ payment_status: 'failed' }).where('id', '=', body.id as string).execute();
      await sql.updateTable('order_payments').set({ status: 'declined', failure_code: 'payment_method_not_found' }).where('order_id', '=', body.id as string).execute();
    });
    expect((await place({}, key)).body).toMatchObject({ status: 422, code: 'payment_method_not_found', errors: [{ pointer: '/payment/payment_method' }] });
  });

  it('hands the next action of a payment on, opened', async () => {
    outcome = async (orderId) => {
      await inTenant(base.database, tenant, async (sql) => {
        const payment = await sql.selectFrom('order_payments').select('id').where('order_id', '=', orderId).executeTakeFirstOrThrow();
        const action = base.keyRing.seal({ type: 'redirect_to_url', client_secret: 'pi_1_secret_2', redirect_url: 'https://bank.example/3ds' }, payment.id);
        await sql.updateTable('order_payments').set({ status: 'requires_action', next_action_sealed: action }).where('id', '=', payment.id).execute();
        await sql.updateTable('orders').set({ payment_status: 'requires_action' }).where('id', '=', orderId).execute();
      });
      return { outcome: 'requires_action', orderId };
    };
    expect((await place()).body).toMatchObject({
      status: 'pending', payment_status: 'requires_action', payment: { status: 'requires_action' },
      next_action: { type: 'redirect_to_url', client_secret: 'pi_1_secret_2', redirect_url: 'https://bank.example/3ds' },
    });
  });

  it('answers 202 while nobody knows, also on reading; then the same key gives the order', async () => {
    const away = new Error('14 UNAVAILABLE');
    outcome = () => Promise.reject(Object.assign(away, { code: 14, details: '', metadata: {} }));
    const first = await place({}, { 'idempotency-key': 'away' });
    expect(first).toMatchObject({ status: 202, body: { id: expect.stringMatching(/^ord_/) } });
    expect(first.headers.location).toBe(`/api/orders/${first.body.id}`);
    outcome = (orderId) => ({ outcome: 'confirmed', orderId });
    expect(await place({}, { 'idempotency-key': 'away' })).toMatchObject({ status: 201, body: { id: first.body.id } });
  });

  it.each([
    ['confirmed', 'authorized', { status: 201, body: { status: 'confirmed', payment_status: 'authorized' } }],
    ['pending', 'failed', { status: 402, body: { code: 'card_declined' } }],
  ])('answers by the rows once the provider has, though the workflow was told long ago that nobody knows: %s, %s', async (status, payment_status, answer) => {
    const key = { 'idempotency-key': `owed-${payment_status}` };
    outcome = (orderId) => ({ outcome: 'payment_unknown', orderId });
    const first = await place({}, key);
    expect(first).toMatchObject({ status: 202, headers: { 'retry-after': '2' }, body: { id: expect.stringMatching(/^ord_/) } });
    await inTenant(base.database, tenant, (sql) => sql.updateTable('orders').set({ status, payment_status }).where('id', '=', first.body.id as string).execute());
    expect(await place({}, key)).toMatchObject(answer);
    expect(await place({}, key)).toMatchObject({ ...answer, headers: { 'idempotent-replayed': 'true' } });
  });
});

describe('commands', () => {
  it('reach the workflow by name with what it needs, and answer with the order', async () => {
    const { body } = await place();
    outcome = (orderId) => ({ outcome: 'done', orderId, version: 2, status: 'shipped', paymentStatus: 'paid' });
    const shipped = await ask('POST', `/api/orders/${body.id}/ship`, { carrier: 'ups', tracking_number: '1Z', lines: [{ sku: 'MUG', quantity: 1 }] });
    expect([shipped.status, shipped.body.id, shipped.headers.etag]).toEqual([200, body.id, expect.stringMatching(/^"v1-/)]);
    expect(sent[0]).toMatchObject({
      name: 'ship', updateId: expect.stringMatching(/^order\.ship:[0-9a-f]{32}$/),
      input: { shipmentId: expect.stringMatching(/^shp_/), carrier: 'ups', trackingNumber: '1Z', lines: [{ sku: 'MUG', quantity: 1 }], actor: expect.stringMatching(/^key:key_/) },
    });
    for (const [path, payload, name] of [
      ['cancel', { reason: 'customer_request' }, 'cancel'], ['hold', {}, 'hold'], ['release', {}, 'release'], ['process', {}, 'process'], ['deliver', {}, 'deliver'],
      ['capture', { amount: 5 }, 'capture'], ['refund', { amount: 5, reason: 'damaged' }, 'refund'], ['return', { restock: false }, 'return'],
      ['complete', {}, 'complete'], ['resolve', { resolution: 'retry' }, 'resolve'], ['reproject', {}, 'reproject'], ['confirm', {}, 'confirm'],
    ] as const) {
      const done = await ask('POST', `/api/orders/${body.id}/${path}`, payload);
      const { input, ...last } = sent.at(-1)!;
      expect([path, done.status, last.name]).toEqual([path, 200, name]);
      // What makes something is known by its id, all else by the command's own: delivered twice, it is done once.
      const made = { refund: 'refundId', confirm: 'paymentId' }[path as string];
      expect([path, input[made ?? 'commandId']]).toEqual([path, expect.stringMatching(made ? /^(ref|pay)_/ : /^cmd_/)]);
    }
  });

  it('that the order refuses say what it allows', async () => {
    const { body } = await place();
    outcome = () => ({ outcome: 'rejected', refusal: { code: 'illegal_transition', detail: 'An order that is pending can\'t ship.' }, status: 'pending', allowed: ['pay', 'cancel'] });
    expect((await ask('POST', `/api/orders/${body.id}/ship`, { carrier: 'ups', tracking_number: '1Z' })).body).toMatchObject({
      status: 409, code: 'illegal_transition', detail: 'An order that is pending can\'t ship.', order_id: body.id, order_status: 'pending', allowed: ['pay', 'cancel'],
    });
    outcome = () => ({ outcome: 'rejected', refusal: { code: 'amount_too_high', detail: 'x' }, refundable: 7 });
    expect((await ask('POST', `/api/orders/${body.id}/refund`, { amount: 9, reason: 'x' })).body).toMatchObject({ status: 409, code: 'amount_too_high', refundable: 7 });
    outcome = () => ({ outcome: 'rejected', refusal: { code: 'amount_not_chargeable', detail: 'In multiples of 10.' }, step: 10 });
    expect((await ask('POST', `/api/orders/${body.id}/capture`, { amount: 9 })).body).toMatchObject({ status: 422, code: 'amount_not_chargeable', detail: 'In multiples of 10.', step: 10 });
  });

  it('pay again with another method', async () => {
    const { body } = await place();
    outcome = (orderId) => ({ outcome: 'declined', orderId, paymentId: 'p', code: 'expired_card' });
    expect((await ask('POST', `/api/orders/${body.id}/payments`, { payment_method: 'pm_card_visa' })).body).toMatchObject({ status: 402, decline_code: 'expired_card', order_id: body.id });
    outcome = (orderId) => ({ outcome: 'confirmed', orderId });
    expect((await ask('POST', `/api/orders/${body.id}/payments`, { payment_method: 'pm_card_visa' })).status).toBe(201);
    expect(sent[1]!.input).toMatchObject({ paymentId: expect.stringMatching(/^pay_/), paymentMethod: 'pm_card_visa' });
  });

  it('of an unknown order are 404, and take no claim', async () => {
    expect((await ask('POST', `/api/orders/${newId('order')}/cancel`, {})).body.code).toBe('not_found');
    expect(sent).toEqual([]);
  });
});

describe('changing', () => {
  it('replaces the metadata of the version that was read, and of no other', async () => {
    const { body, headers } = await place();
    const url = `/api/orders/${body.id}`;
    const tag = headers.etag as string;
    expect((await ask('PATCH', url, { metadata: { a: '1' } })).body.code).toBe('precondition_required');
    const changed = await ask('PATCH', url, { metadata: { a: '1' } }, { 'if-match': tag });
    expect([changed.status, changed.body.metadata, changed.body.version]).toEqual([200, { a: '1' }, body.version]);
    expect(changed.headers.etag).not.toBe(tag);
    expect((await ask('PATCH', url, { metadata: { b: '2' } }, { 'if-match': tag })).body.code).toBe('precondition_failed');
    expect((await ask('PATCH', url, { metadata: { b: '2' } }, { 'if-match': changed.headers.etag as string })).status).toBe(200);
  });

  it('asks for a status by the same command as the named route, once per version', async () => {
    const { body, headers } = await place();
    const url = `/api/orders/${body.id}`;
    const match = { 'if-match': headers.etag as string };
    outcome = (orderId) => ({ outcome: 'done', orderId, version: 2, status: 'cancelled', paymentStatus: 'voided' });
    const first = await ask('PATCH', url, { status: 'cancelled', reason: 'changed their mind' }, match);
    const again = await ask('PATCH', url, { status: 'cancelled', reason: 'changed their mind' }, match);
    expect([first.status, again.headers['idempotent-replayed']]).toEqual([200, 'true']);
    expect(sent.map(({ name, input }) => [name, input.reason])).toEqual([['cancel', 'changed their mind']]);
    expect((await ask('PATCH', url, { status: 'shipped' }, match)).body.errors.map(({ pointer }: { pointer: string }) => pointer)).toEqual(['/carrier', '/tracking_number']);
    expect((await ask('PATCH', url, { status: 'expired' }, match)).body.code).toBe('illegal_transition');
    expect((await ask('PATCH', url, { status: 'cancelled' }, { 'if-match': '"v99"' })).body.code).toBe('precondition_failed');
  });
});

describe('asking a held order for a status', () => {
  /** Answers and moves as the order's own table has it. */
  const byTheTable = async (orderId: string) => {
    const { name } = sent.at(-1)! as { name: OrderCommand };
    const state = await stateOf(orderId);
    const refusal = refusalOf(state, name);
    if (refusal) return { outcome: 'rejected', refusal, status: state.status, allowed: allowedCommands(state) };
    const next = { ...state, seq: state.seq + 1, status: { hold: 'on_hold' as const, release: 'processing' as const }[name as string] ?? state.status };
    await write(next);
    return { outcome: 'done', orderId, version: next.seq, status: next.status, paymentStatus: next.paymentStatus };
  };
  const stateOf = (orderId: string) => inTenant(base.database, tenant, async (sql) =>
    (await sql.selectFrom('orders').select('state').where('id', '=', orderId).executeTakeFirstOrThrow()).state as unknown as OrderState);
  const write = (state: OrderState) => inTenant(base.database, tenant, (sql) =>
    sql.updateTable('orders').set({ status: state.status, version: state.seq, state: jsonb(state) }).where('id', '=', state.id).execute());

  async function held() {
    const { body } = await place();
    await write({ ...(await stateOf(body.id as string)), status: 'on_hold' });
    sent.length = 0;
    outcome = byTheTable;
    const url = `/api/orders/${body.id}`;
    const { headers } = await ask('GET', url);
    const patch = (payload: object, more: Record<string, string> = {}) => ask('PATCH', url, payload, { 'if-match': headers.etag as string, ...more });
    return { url, patch, status: async () => (await ask('GET', url)).body.status };
  }

  it.each([
    ['on_hold', 'hold'], ['completed', 'complete'], ['shipped', 'ship'], ['pending', undefined], ['draft', undefined], ['expired', undefined],
  ])('%s is refused as it is by the named route, and the order stays held', async (asked, name) => {
    const { url, patch, status } = await held();
    const parcel = asked === 'shipped' ? { carrier: 'ups', tracking_number: '1Z' } : {};
    const answer = await patch({ status: asked, ...parcel });
    expect(answer.body).toMatchObject({ status: 409, code: 'illegal_transition', order_status: 'on_hold', allowed: expect.arrayContaining(['release', 'cancel']) });
    expect(sent.map((one) => one.name)).toEqual(name ? [name] : []);
    expect(await status()).toBe('on_hold');
    if (name) expect((await ask('POST', `${url}/${name}`, parcel)).body).toMatchObject({ code: answer.body.code, detail: answer.body.detail, allowed: answer.body.allowed });
  });

  it('shipped needs to be told the parcel, as ever', async () => {
    const { patch } = await held();
    expect((await patch({ status: 'shipped' })).body.errors.map(({ pointer }: { pointer: string }) => pointer)).toEqual(['/carrier', '/tracking_number']);
    expect(sent).toEqual([]);
  });

  it.each([['delivered', 'deliver'], ['returned', 'return']])('%s is told it: what is on its way arrives and comes back all the same', async (asked, name) => {
    const { patch, status } = await held();
    expect((await patch({ status: asked })).status).toBe(200);
    expect([sent.map((one) => one.name), await status()]).toEqual([[name], 'on_hold']);
  });

  it.each([
    ['confirmed', {}], ['confirmed', { 'idempotency-key': 'go-on' }], ['processing', {}], ['processing', { 'idempotency-key': 'process-on' }],
  ] as [string, Record<string, string>][])('%s releases it, once: a retry gets the answer, whatever the order is by now (%j)', async (asked, key) => {
    const { url, patch } = await held();
    const first = await patch({ status: asked }, key);
    expect([first.status, first.body.status]).toEqual([200, 'processing']);
    const again = await patch({ status: asked }, key);
    expect([again.status, again.headers['idempotent-replayed'], again.body]).toEqual([200, 'true', first.body]);
    expect(sent.map((one) => one.name)).toEqual(['release']);
    expect((await ask('POST', `${url}/hold`, {})).status).toBe(200);
    expect((await patch({ status: asked }, key)).body).toEqual(first.body);
    expect(sent.map((one) => one.name)).toEqual(['release', 'hold']);
  });

  it('means the first request by a retry, too, when the order was held only afterwards', async () => {
    const { url, patch: later } = await held();
    const state = await stateOf(url.slice('/api/orders/'.length));
    await write({ ...state, status: 'confirmed' });
    const first = await later({ status: 'processing' }, { 'idempotency-key': 'before-hold' });
    expect([first.status, sent.map((one) => one.name)]).toEqual([200, ['process']]);
    await ask('POST', `${url}/hold`, {});
    const again = await later({ status: 'processing' }, { 'idempotency-key': 'before-hold' });
    expect([again.headers['idempotent-replayed'], again.body, sent.map((one) => one.name)]).toEqual(['true', first.body, ['process', 'hold']]);
  });
});

describe('reading', () => {
  it('lists by what operators look for', async () => {
    const { body } = await place({ customer: { email: 'grace@example.com', name: 'Grace' } });
    const ids = async (query: string) => (await ask('GET', `/api/orders?${query}`)).body.data.map(({ id }: { id: string }) => id);
    expect(await ids(`customer_id=${body.customer_id}`)).toEqual([body.id]);
    expect(await ids(`number=${body.number}`)).toEqual([body.id]);
    expect(await ids('status=pending&limit=1')).toEqual([body.id]);
    expect(await ids('attention=true')).toEqual([]);
    expect(await ids(`created_before=${encodeURIComponent('2020-01-01T00:00:00Z')}`)).toEqual([]);
    expect(await ids('payment_status=refunded')).toEqual([]);
  });

  it('tells the story of an order from its steps, mails and events, in order', async () => {
    const { body } = await place();
    await inTenant(base.database, tenant, async (sql) => {
      await raw`insert into outbox (tenant_id, livemode, kind, template, subject_id, data, dedupe_key, status, next_attempt_at, created_at)
        values (${tenant.tenantId}, false, 'mail', 'order_confirmation', ${body.id}, '{}', ${body.id}, 'pending', now(), now())`.execute(sql);
    });
    const url = `/api/orders/${body.id}/timeline`;
    const { body: all } = await ask('GET', url);
    expect(all.data.map(({ type }: { type: string }) => type)).toEqual(['order.placed', 'mail.order_confirmation']);
    expect(JSON.stringify(all)).not.toContain('opened');
    const { body: first } = await ask('GET', `${url}?limit=1`);
    expect(first.has_more).toBe(true);
    expect((await ask('GET', `${url}?limit=1&starting_after=${encodeURIComponent(first.next_cursor)}`)).body.data).toEqual([all.data[1]]);
    expect((await ask('GET', `/api/orders/${newId('order')}/timeline`)).status).toBe(404);
  });
});
