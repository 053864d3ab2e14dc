import { defaultSettings, type TenantSettings } from '#domain/tenant.ts';
import { newId } from '#domain/ids.ts';
import { openedOrder, unitsOf, type PlacementInput } from '#domain/order/placement.ts';
import type { OrderState, PaymentConnection } from '#domain/order/state.ts';
import { jsonb, timestamp } from '#entities/values.ts';
import { inTenant, type Sql } from '#entities/unit-of-work.ts';
import { emailIndex, sealProfile } from '#platform/personal-data.ts';
import { ApplicationFailure } from '@temporalio/activity';
import { sql as raw } from 'kysely';
import { holdStock } from '../inventory/stock.ts';
import type { OpenResult, OrderActivities, Shortage } from './contract.ts';
import type { OrderActivityDeps } from './create.ts';
import { insertLines, putPayments } from './parts.ts';
import { tellingRefusals } from './refused.ts';
import { ShortError } from './shortage.ts';
import { orderSummary } from './summary.ts';
import { writeTogether, type Write } from '#entities/write-together.ts';

/**
 * Creates the order from its intake row: customer, order, lines, stock held, first payment attempt and history, in
 * one transaction. Out of stock, nothing of it exists. Repeating it finds the first attempt's state.
 */
export function openOrder({ database, keyRing }: OrderActivityDeps): OrderActivities['openOrder'] {
  return async ({ scope, orderId, workflowId, at }): Promise<OpenResult> => {
    try {
      return await tellingRefusals(`Order ${orderId}`, () => inTenant(database, scope, async (sql) => {
        const intake = await readIntake(sql, orderId, workflowId);
        if (intake.opened) return { outcome: 'opened', state: intake.opened as unknown as OrderState };
        const input = keyRing.open<PlacementInput>(intake.input_sealed, orderId);
        if (!input.draft) {
          const shortages = await holdStock(sql, scope, orderId, unitsOf(input), null, at);
          if (shortages.length > 0) {
            // An attempt that timed out may have taken the last units for this very order, while this one waited for the rows.
            const { opened } = await readIntake(sql, orderId, workflowId);
            if (opened) return { outcome: 'opened', state: opened as unknown as OrderState };
            throw new ShortError(shortages);
          }
        }
        const connection = paymentConnection(intake.connections, input);
        const settings = { ...defaultSettings, ...(intake.settings as Partial<TenantSettings>) };
        const customerId = await putCustomer(sql, input, at);
        const { state, lineTotals } = openedOrder(input, { id: orderId, scope, customerId, at, settings, connection });
        const [order, event] = insertOrder(sql, state, input);
        const lines = insertLines(sql, state, input.lines, lineTotals);
        await writeTogether(sql, order, [event, ...lines, ...putPayments(sql, state, state.payments.map(({ id }) => id), at)]);
        return { outcome: 'opened', state };
      }));
    } catch (error) {
      if (!(error instanceof ShortError)) throw error;
      const { shortages } = error;
      await keepShortages(shortages);
      return { outcome: 'out_of_stock', shortages };
    }

    /** There is no order to ask: the intake row tells whoever did not hear the outcome. */
    async function keepShortages(shortages: Shortage[]): Promise<void> {
      await inTenant(database, scope, (sql) =>
        sql
          .updateTable('intake_commands')
          .set({ shortages: jsonb(shortages) })
          .where('resource_id', '=', orderId)
          .where('operation', '=', 'order.place')
          .execute(),
      );
    }

    async function putCustomer(sql: Sql, input: PlacementInput, now: string): Promise<string> {
      let { id } = input.customer;
      if (input.customer.existing) {
        const { numAffectedRows } = await raw`update customers set order_count = order_count + 1, first_order_at = coalesce(first_order_at, ${now}),
          last_order_at = ${now} where id = ${id}`.execute(sql);
        if (numAffectedRows === 1n) return id;
        // Deleted since the order was taken in, which nothing forbade: whoever ordered is found or made by mail address.
        // Under an id of its own, so that two such orders with different addresses can't meet under the deleted one.
        id = newId('customer');
      }
      const { email, name } = input.contact;
      const profile = { email, name, phone: null, company: null, locale: null };
      const customer = await sql
        .insertInto('customers')
        .values({
          id, tenant_id: scope.tenantId, livemode: scope.livemode, email_index: emailIndex(keyRing, scope.tenantId, email),
          profile_sealed: sealProfile(keyRing, id, profile), status: 'active', order_count: 1, first_order_at: timestamp(now), last_order_at: timestamp(now),
          created_at: timestamp(now), updated_at: timestamp(now),
        })
        .onConflict((conflict) =>
          conflict.columns(['tenant_id', 'livemode', 'email_index']).doUpdateSet({
            order_count: raw`customers.order_count + 1`, last_order_at: raw`excluded.last_order_at`,
            first_order_at: raw`coalesce(customers.first_order_at, excluded.first_order_at)`,
          }),
        )
        .returning('id')
        .executeTakeFirstOrThrow();
      return customer.id;
    }

    function insertOrder(sql: Sql, state: OrderState, input: PlacementInput): [order: Write, event: Write] {
      const owner = { tenant_id: scope.tenantId, livemode: scope.livemode };
      const order = sql
        .insertInto('orders')
        .values({
          ...owner, ...state.totals, ...orderSummary(state, at), id: orderId, number: state.number, currency: state.currency,
          customer_id: state.customerId, contact_sealed: keyRing.seal(input.contact, orderId), channel: input.channel,
          metadata: jsonb(input.metadata), workflow_id: workflowId, placed_at: timestamp(at), created_at: timestamp(at),
        })
        .returning('id');
      const event = sql
        .insertInto('order_events')
        .values({
          ...owner, id: newId('event'), order_id: orderId, workflow_id: workflowId, seq: state.seq, type: 'order.placed', actor: input.actor,
          status: state.status, payment_status: state.paymentStatus, fulfillment_status: state.fulfillmentStatus,
          // The first step's result is the state itself: what a repeated attempt is told.
          data: jsonb({ opened: state }), occurred_at: timestamp(at),
        });
      return [order, event];
    }
  };
}

/** The intake row, the tenant's settings and connections, and the state if an earlier attempt has opened the order already. */
async function readIntake(sql: Sql, orderId: string, workflowId: string) {
  const intake = await sql
    .selectFrom('intake_commands as c')
    .innerJoin('tenants as t', 't.id', 'c.tenant_id')
    .leftJoin('order_events as e', (join) => join.on('e.workflow_id', '=', workflowId).on('e.seq', '=', 1))
    .where('c.resource_id', '=', orderId)
    .where('c.operation', '=', 'order.place')
    .select(['c.input_sealed', 't.settings', raw<Record<string, unknown> | null>`e.data -> 'opened'`.as('opened'), activeConnections.as('connections')])
    .executeTakeFirst();
  if (!intake) throw ApplicationFailure.nonRetryable(`Order ${orderId} was never taken in`, 'IntakeMissing');
  return intake;
}

/** The default one first. */
const activeConnections = raw<ConnectionRow[]>`(select coalesce(jsonb_agg(jsonb_build_object('id', g.id, 'provider', g.provider,
    'capabilities', g.capabilities) order by g.is_default desc, g.id), '[]') from payment_gateway_connections g where g.status = 'active')`;

interface ConnectionRow {
  id: string;
  provider: string;
  capabilities: Partial<Record<'multicapture' | 'incremental_authorization' | 'delayed_methods', boolean>>;
}

function paymentConnection(active: readonly ConnectionRow[], { payment }: PlacementInput): PaymentConnection {
  const connection = active.find(({ id, provider }) => provider === payment.provider && (payment.connectionId === undefined || id === payment.connectionId));
  // Tried again until an operator has mended it: the order is taken in, and nobody is refused afterwards.
  if (!connection) throw ApplicationFailure.retryable(`There is no active connection to ${payment.provider}`, 'ConnectionMissing');
  const { multicapture, incremental_authorization, delayed_methods } = connection.capabilities;
  const capabilities = {
    multicapture: multicapture === true, incrementalAuthorization: incremental_authorization === true, delayedMethods: delayed_methods === true,
  };
  return { id: connection.id, provider: connection.provider, capabilities };
}
