import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { newId } from '#domain/ids.ts';
import { workflowIds } from '#domain/names/workflow-ids.ts';
import type { Change } from '#domain/order/changes/change.ts';
import type { PlacementInput } from '#domain/order/placement.ts';
import type { OrderState } from '#domain/order/state.ts';
import { openDatabase, type Database } from '#entities/database.ts';
import { KeyRing } from '#platform/keyring.ts';
import { createTestDatabase, type TestDatabase } from '#test/environment/index.ts';
import { samplePlacement } from '#test/support/sample-order.ts';
import type { OpenResult, OrderActivities, SaveResult } from '../contract.ts';
import { createOrderActivities } from '../create.ts';

export const at = '2030-01-01T00:00:00.000Z';

/** A tenant with two locations and a connection, whose orders are opened and saved by the real activities. */
export class Shop {
  readonly scope = { tenantId: newId('tenant'), livemode: false };
  readonly connectionId = newId('connection');
  readonly near = newId('location');
  readonly far = newId('location');
  readonly keyRing = new KeyRing(`test:${randomBytes(32).toString('base64')}`);
  database!: Database;
  activities!: OrderActivities;
  #test!: TestDatabase;
  #owner!: pg.Client;
  #app!: pg.Client;
  #numbers = 0;

  async start(): Promise<void> {
    this.#test = await createTestDatabase();
    this.#owner = new pg.Client({ connectionString: this.#test.ownerUrl });
    await this.#owner.connect();
    await this.#owner.query('set role perdura_owner');
    this.#app = new pg.Client({ connectionString: this.#test.url, options: '-c role=perdura_app' });
    await this.#app.connect();
    this.database = await openDatabase(this.#test.url);
    this.activities = createOrderActivities({ database: this.database, keyRing: this.keyRing });
    const { tenantId, livemode } = this.scope;
    await this.query('insert into tenants (id, name, slug, created_at) values ($1, $1, $1, $2)', [tenantId, at]);
    for (const [id, code, priority] of [[this.near, 'near', 1], [this.far, 'far', 2]]) {
      await this.query(
        `insert into locations (id, tenant_id, livemode, code, name, priority, status, created_at, updated_at) values ($1, $2, $3, $4, $4, $5, 'active', $6, $6)`,
        [id, tenantId, livemode, code, priority, at],
      );
    }
    await this.query(
      `insert into payment_gateway_connections (id, tenant_id, livemode, provider, name, credentials_sealed, capabilities, is_default, status, created_at, updated_at)
       values ($1, $2, $3, 'stripe', 'Stripe', 'sealed', '{"multicapture": true}', true, 'active', $4, $4)`,
      [this.connectionId, tenantId, livemode, at],
    );
  }

  async stop(): Promise<void> {
    await this.database.close(true);
    await this.#owner.end();
    await this.#app.end();
    await this.#test.drop();
  }

  /** As the owner, whom no policy binds. */
  async query<T extends object = Record<string, unknown>>(text: string, values: unknown[] = []): Promise<T[]> {
    return (await this.#owner.query<T>(text, values)).rows;
  }

  /** As the application may, within the tenant. */
  async asApp(text: string): Promise<unknown> {
    await this.#app.query('begin');
    try {
      await this.#app.query(`select set_config('perdura.tenant_id', $1, true), set_config('perdura.livemode', 'false', true)`, [this.scope.tenantId]);
      return await this.#app.query(text);
    } finally {
      await this.#app.query('rollback');
    }
  }

  async stock(sku: string, onHand: number, locationId = this.near): Promise<void> {
    await this.query(
      `insert into stock_levels (tenant_id, livemode, sku, location_id, on_hand, updated_at) values ($1, false, $2, $3, $4, $5)
       on conflict (tenant_id, livemode, sku, location_id) do update set on_hand = excluded.on_hand, reserved = 0`,
      [this.scope.tenantId, sku, locationId, onHand, at],
    );
  }

  async level(sku: string, locationId = this.near): Promise<{ onHand: number; reserved: number }> {
    const [row] = await this.query<{ on_hand: number; reserved: number }>('select on_hand, reserved from stock_levels where sku = $1 and location_id = $2', [sku, locationId]);
    return { onHand: row!.on_hand, reserved: row!.reserved };
  }

  /** An intake row, as the API writes it. */
  async takeIn(lines: { sku: string; quantity: number }[], changes: Partial<PlacementInput> = {}): Promise<string> {
    const orderId = newId('order');
    this.#numbers += 1;
    const input = samplePlacement(this.#numbers, {
      customer: { id: newId('customer'), existing: false }, payment: { paymentId: newId('payment'), provider: 'stripe' },
      lines: lines.map((line) => ({ ...line, id: newId('orderLine'), title: line.sku, unitPrice: 1000 })), ...changes,
    });
    await this.query(
      `insert into intake_commands (tenant_id, livemode, operation, idempotency_key, body_hash, resource_id, workflow_id, input_sealed, status, lease_expires_at, created_at)
       values ($1, false, 'order.place', $2, 'hash', $2, $3, $4, 'running', $5, $5)`,
      [this.scope.tenantId, orderId, workflowIds.order(orderId), this.keyRing.seal(input, orderId), at],
    );
    return orderId;
  }

  open(orderId: string): Promise<OpenResult> {
    return this.activities.openOrder({ scope: this.scope, orderId, workflowId: workflowIds.order(orderId), at });
  }

  /** Takes in and opens an order. @throws {Error} when it is short */
  async place(lines: { sku: string; quantity: number }[], changes: Partial<PlacementInput> = {}): Promise<OrderState> {
    const opened = await this.open(await this.takeIn(lines, changes));
    if (opened.outcome !== 'opened') throw new Error(`Short: ${JSON.stringify(opened.shortages)}`);
    return opened.state;
  }

  save(change: Change, webhookEventId?: string): Promise<SaveResult> {
    return this.activities.saveOrder({ workflowId: workflowIds.order(change.state.id), ...change, ...(webhookEventId ? { webhookEventId } : {}) });
  }
}
