import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { newId } from '#domain/ids.ts';
import { stripeCapabilities } from '#domain/payments/capabilities.ts';
import type { PaymentActivities } from '#domain/payments/port.ts';
import { openDatabase, openOwnerDatabase, type Database } from '#entities/database.ts';
import { inTenant } from '#entities/unit-of-work.ts';
import { jsonb } from '#entities/values.ts';
import { sealCredentials } from '#platform/connection-secrets.ts';
import { KeyRing } from '#platform/keyring.ts';
import { createLogger } from '#platform/logger.ts';
import { startSandbox, type Sandbox } from '#sandbox/server.ts';
import { createTestDatabase, type TestDatabase } from '#test/environment/index.ts';
import { createPaymentActivities } from './create.ts';
import { authorizeRequest } from './stripe/testing.ts';

const keyRing = new KeyRing(`test:${randomBytes(32).toString('base64')}`);
const scope = { tenantId: newId('tenant'), livemode: false };
const connectionId = newId('connection');
const customerId = newId('customer');
let sandbox: Sandbox;
let address: TestDatabase;
let database: Database;
let payments: PaymentActivities;

beforeAll(async () => {
  [sandbox, address] = await Promise.all([startSandbox({ databasePath: ':memory:' }), createTestDatabase()]);
  database = await openDatabase(address.url, 5);
  const owner = await openOwnerDatabase(address.ownerUrl);
  const now = new Date();
  const owned = { tenant_id: scope.tenantId, livemode: false };
  await owner.em.fork().getKysely().insertInto('tenants').values({ id: scope.tenantId, name: 'T', slug: 't', created_at: now }).execute();
  await owner.close(true);
  await inTenant(database, scope, async (sql) => {
    await sql
      .insertInto('payment_gateway_connections')
      .values({
        id: connectionId, ...owned, provider: 'stripe', name: 'S', credentials_sealed: sealCredentials(keyRing, connectionId, { secret_key: 'sk_test_rows' }),
        capabilities: jsonb(stripeCapabilities(false)), is_default: true, status: 'active', created_at: now, updated_at: now,
      })
      .execute();
    await sql
      .insertInto('customers')
      .values({ id: customerId, ...owned, email_index: 'x', profile_sealed: 'x', status: 'active', created_at: now, updated_at: now })
      .execute();
  });
  payments = createPaymentActivities({ database, keyRing, stripe: { apiUrl: sandbox.url, timeoutMs: 2000 }, logger: createLogger('test', 'silent') });
});
afterAll(async () => {
  await database.close(true);
  await Promise.all([sandbox.close(), address.drop()]);
});

const request = (changes: Parameters<typeof authorizeRequest>[0] = {}) => authorizeRequest({ scope, connectionId, customerId, ...changes });

it('pays on the account of its connection, and makes one customer there for ours', async () => {
  const first = await payments.authorizePayment(request({ saveMethod: true }));
  const second = await payments.authorizePayment(request({ saveMethod: true }));
  expect([first.outcome, second.outcome]).toEqual(['authorized', 'authorized']);
  const row = await inTenant(database, scope, (sql) => sql.selectFrom('customers').where('id', '=', customerId).select('provider_refs').executeTakeFirstOrThrow());
  expect(row.provider_refs).toEqual({ [connectionId]: expect.stringMatching(/^cus_/) });
});

it('charges a method that was saved for the customer while the customer is there', async () => {
  const first = await payments.authorizePayment(request({ saveMethod: true }));
  const { savedMethod } = first as { savedMethod: string };
  await inTenant(database, scope, (sql) =>
    sql
      .insertInto('customer_payment_methods')
      .values({
        id: newId('paymentMethod'), tenant_id: scope.tenantId, livemode: false, customer_id: customerId, connection_id: connectionId,
        provider_ref: savedMethod, is_default: true, created_at: new Date(),
      })
      .execute(),
  );
  expect(await payments.authorizePayment(request({ paymentMethod: savedMethod }))).toMatchObject({ outcome: 'authorized' });
});

it('seals what the customer has to do, bound to the payment', async () => {
  const asked = request({ paymentMethod: 'pm_card_threeDSecure2Required' });
  const result = await payments.authorizePayment(asked);
  const { nextActionSealed } = result as { nextActionSealed: string };
  expect(keyRing.open(nextActionSealed, asked.paymentId)).toMatchObject({ client_secret: expect.any(String) });
  expect(() => keyRing.open(nextActionSealed, 'pay_other')).toThrow();
});

it("can't reach a connection of another tenant", async () => {
  await payments.retrievePayment(request());
  const foreign = request({ scope: { tenantId: newId('tenant'), livemode: false } });
  await expect(payments.authorizePayment(foreign)).rejects.toMatchObject({ type: 'ConnectionMissing' });
});
