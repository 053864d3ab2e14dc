import type { OrderActivities, SaveResult, Shortage } from '#activities/orders/contract.ts';
import { isDeepStrictEqual } from 'node:util';
import type { Change, OrderEventType, OrderStep } from '#domain/order/changes/change.ts';
import { openedOrder, unitsOf, type PlacementInput } from '#domain/order/placement.ts';
import { isClosed, type OrderState, type PaymentConnection } from '#domain/order/state.ts';
import type { TenantSettings } from '#domain/tenant.ts';
import type { Units } from '#domain/order/shipping-plan.ts';
import { ApplicationFailure } from '@temporalio/common';

interface OrderRow {
  state: OrderState;
  steps: OrderStep[];
  held: Map<string, number>;
}

/**
 * The row work of orders in memory, with the promises of the real one: all or nothing, fenced by (workflow id, seq),
 * versions compared and set, stock never below zero.
 */
export class MemoryRows implements OrderActivities {
  readonly orders = new Map<string, OrderRow>();
  readonly intakes = new Map<string, { input: PlacementInput; settings: TenantSettings; connection: PaymentConnection }>();
  readonly stock = new Map<string, { onHand: number; reserved: number }>();
  readonly applied: string[] = [];
  readonly left: { webhookEventId: string; reason: string }[] = [];
  readonly reprojected: OrderState[] = [];
  readonly #fences = new Set<string>();
  /** Set to make the next writes fail as a database that is away does. */
  failures = 0;
  /** Set to make the next writes fail as one does that a constraint refuses. */
  refusals = 0;
  readonly shown: { orderId: string; code: string }[] = [];

  openOrder: OrderActivities['openOrder'] = async ({ scope, orderId, workflowId, at }) => {
    this.#mayFail();
    const intake = this.intakes.get(orderId);
    if (!intake) throw ApplicationFailure.nonRetryable(`Order ${orderId} was never taken in`, 'IntakeMissing');
    const known = this.orders.get(orderId);
    if (known) return { outcome: 'opened', state: known.state };
    const { state } = openedOrder(intake.input, { ...intake, id: orderId, scope, customerId: intake.input.customer.id, at });
    const row: OrderRow = { state, steps: [], held: new Map() };
    if (!intake.input.draft) {
      const shortages = this.#hold(row, unitsOf(intake.input));
      if (shortages.length > 0) return { outcome: 'out_of_stock', shortages };
    }
    this.orders.set(orderId, row);
    this.#fences.add(`${workflowId}#${state.seq}`);
    return { outcome: 'opened', state };
  };

  /** Writes a step that the order's workflow will not remember, as when its worker dies right after the commit. */
  async forget(workflowId: string, change: (state: OrderState) => Change): Promise<void> {
    const { state, step } = change(this.#row(workflowId.slice('order/'.length)).state);
    await this.saveOrder({ workflowId, state, step });
  }

  saveOrder: OrderActivities['saveOrder'] = async ({ workflowId, state, step, webhookEventId }): Promise<SaveResult> => {
    this.#mayFail();
    const fence = `${workflowId}#${state.seq}`;
    const row = this.#row(state.id);
    if (this.#fences.has(fence)) {
      const { event } = row.steps.at(-1)!;
      const same = event.type === step.event.type && event.actor === step.event.actor && isDeepStrictEqual(event.data, step.event.data);
      return same ? { outcome: 'saved' } : { outcome: 'overtaken', state: row.state };
    }
    if (row.state.seq !== state.seq - 1) throw ApplicationFailure.nonRetryable(`Order ${state.id} is not at version ${state.seq - 1}`, 'VersionConflict');
    for (const { entries } of step.postings) {
      if (entries.reduce((sum, { amount }) => sum + amount, 0) !== 0) throw ApplicationFailure.nonRetryable('A posting does not balance', 'LedgerError');
    }
    const shortages = this.#follow(row, step);
    if (shortages.length > 0) return { outcome: 'out_of_stock', shortages };
    this.#fences.add(fence);
    row.state = state;
    row.steps.push(step);
    if (webhookEventId) this.applied.push(webhookEventId);
    return { outcome: 'saved' };
  };

  showAttention: OrderActivities['showAttention'] = async ({ orderId, attention }) => {
    this.shown.push({ orderId, code: attention.code });
  };

  settleWebhookEvent: OrderActivities['settleWebhookEvent'] = async ({ webhookEventId }) => {
    this.applied.push(webhookEventId);
  };

  leaveWebhookEvent: OrderActivities['leaveWebhookEvent'] = async ({ webhookEventId, reason }) => {
    this.left.push({ webhookEventId, reason });
  };

  reprojectOrder: OrderActivities['reprojectOrder'] = async ({ state }) => {
    this.reprojected.push(state);
    this.#row(state.id).state = state;
  };

  loadClosedOrder: OrderActivities['loadClosedOrder'] = async ({ orderId }) => {
    const { state } = this.#row(orderId);
    if (!isClosed(state)) throw ApplicationFailure.nonRetryable(`Order ${orderId} is not closed`, 'OrderNotClosed');
    return state;
  };

  state = (orderId: string): OrderState => this.#row(orderId).state;
  steps = (orderId: string): OrderEventType[] => this.#row(orderId).steps.map(({ event }) => event.type);
  mails = (orderId: string): string[] => this.#row(orderId).steps.flatMap(({ mails }) => mails.map(({ template }) => template));

  /** Sums of an order's postings by account. */
  ledger(orderId: string): Record<string, number> {
    const sums: Record<string, number> = {};
    for (const { account, amount } of this.#row(orderId).steps.flatMap(({ postings }) => postings.flatMap(({ entries }) => entries))) {
      sums[account] = (sums[account] ?? 0) + amount;
    }
    return sums;
  }

  #row(orderId: string): OrderRow {
    const row = this.orders.get(orderId);
    if (!row) throw ApplicationFailure.nonRetryable(`There is no order ${orderId}`, 'OrderMissing');
    return row;
  }

  #mayFail(): void {
    if (this.refusals > 0) {
      this.refusals -= 1;
      throw ApplicationFailure.nonRetryable("It can't be written: SQLSTATE 23514", 'WriteRefused');
    }
    if (this.failures > 0) {
      this.failures -= 1;
      throw new Error('The database is away');
    }
  }

  #follow(row: OrderRow, { stock }: OrderStep): Shortage[] {
    if (stock?.kind === 'hold') return this.#hold(row, stock.units);
    if (stock?.kind === 'release') {
      for (const [sku, quantity] of row.held) this.#level(sku).reserved -= quantity;
      row.held.clear();
    }
    if (stock?.kind === 'ship') {
      for (const { sku, quantity } of stock.units) {
        const left = (row.held.get(sku) ?? 0) - quantity;
        if (left < 0) throw ApplicationFailure.nonRetryable(`${sku} is shipped without being held`, 'StockError');
        row.held.set(sku, left);
        this.#level(sku).reserved -= quantity;
        this.#level(sku).onHand -= quantity;
      }
    }
    if (stock?.kind === 'restock') for (const { sku, quantity } of stock.units) this.#level(sku).onHand += quantity;
    return [];
  }

  #hold(row: OrderRow, units: readonly Units[]): Shortage[] {
    const shortages = units.flatMap(({ sku, quantity }) => {
      const available = this.#level(sku).onHand - this.#level(sku).reserved;
      return available < quantity ? [{ sku, requested: quantity, available }] : [];
    });
    if (shortages.length > 0) return shortages;
    for (const { sku, quantity } of units) {
      this.#level(sku).reserved += quantity;
      row.held.set(sku, quantity);
    }
    return [];
  }

  #level(sku: string): { onHand: number; reserved: number } {
    if (!this.stock.has(sku)) this.stock.set(sku, { onHand: 0, reserved: 0 });
    return this.stock.get(sku)!;
  }
}
