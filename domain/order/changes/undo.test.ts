import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { anyOrder, happen } from '#test/support/random-life.ts';
import { sampleId } from '#test/support/sample-order.ts';
import type { RefundResult } from '../../payments/port.ts';
import { refundable } from '../refund-plan.ts';
import { promisedBack, type OrderState } from '../state.ts';
import type { Change, OrderStep } from './change.ts';
import { paymentUndone, refundRecorded, refundUpdated } from './endings.ts';

const cause = { at: '2030-01-01T00:00:00.000Z', actor: 'test' };

type Refunds = Map<string, { amount: number; status: RefundResult['outcome'] }>;

/** A payment as its provider has it, and the order's books of it; what the provider does is told later, or with an undo. */
class Told {
  readonly steps: OrderStep[] = [];
  readonly refunds: Refunds = new Map();
  readonly captured: number;
  state: OrderState;

  constructor(state: OrderState) {
    this.state = state;
    this.captured = state.payments[0]!.authorized;
  }

  get payment() {
    return this.state.payments[0]!;
  }

  /** What the provider counts as given back. */
  get refunded(): number {
    return [...this.refunds.values()].reduce((sum, { amount, status }) => (status === 'failed' ? sum : sum + amount), 0);
  }

  record({ state, step }: Change): void {
    this.state = state;
    this.steps.push(step);
  }

  refund(share: number, outcome: 'succeeded' | 'pending'): void {
    const amount = Math.min(Math.ceil((refundable(this.state) * share) / 100), this.captured - this.refunded);
    if (amount <= 0) return;
    const id = sampleId('refund', this.refunds.size);
    this.refunds.set(id, { amount, status: outcome });
    this.record(refundRecorded(this.state, { id, paymentId: this.payment.id, amount, reason: '', actor: 'test' }, { outcome, refundRef: id, amount }, [], cause));
  }

  ends(dice: number, outcome: 'succeeded' | 'failed'): void {
    const refund = [...this.refunds].filter(([id]) => id.startsWith('ref_'))[dice % Math.max(1, this.refunds.size)]?.[1];
    if (refund && refund.status !== 'failed') refund.status = outcome;
  }

  tell(): void {
    for (const { id, status } of this.state.refunds) {
      const { amount, status: outcome } = this.refunds.get(id)!;
      if (outcome !== status) this.record(refundUpdated(this.state, id, { outcome, refundRef: id, amount }, cause));
    }
  }

  /** The answer may be lost after the money has gone back. */
  undo(answered: boolean): void {
    const left = this.captured - this.refunded;
    if (left > 0) this.refunds.set(`undo_${this.refunds.size}`, { amount: left, status: 'succeeded' });
    const { captured, refunded } = this;
    if (answered) this.record(paymentUndone(this.state, this.payment, { outcome: 'refunded', refundRef: 're', captured, refunded }, cause));
  }

  expectTheSame(): void {
    expect(this.payment.captured).toBe(this.captured);
    expect(this.payment.refunded + promisedBack(this.state, this.payment)).toBe(this.refunded);
  }
}

const anyPaid = fc.tuple(anyOrder, fc.constantFrom('authorized', 'taken')).map(([order, what]) => happen(order, { what: what as 'taken', dice: 0, more: 0 }, 1)!.state);
const anyEvents = fc.array(
  fc.record({ what: fc.constantFrom('refund', 'pending', 'settles', 'bounces', 'told', 'undone', 'undoneUnheard'), dice: fc.integer({ min: 1, max: 100 }) }),
  { maxLength: 25 },
);

describe('undoing a payment', () => {
  it('brings the books to what the provider says, whatever bounced, was promised or was lost meanwhile', () => {
    fc.assert(
      fc.property(anyPaid.filter(({ totals }) => totals.total > 0), anyEvents, (first, events) => {
        const told = new Told(first);
        const before = first.payments[0]!.captured;
        for (const { what, dice } of events) {
          if (what === 'refund') told.refund(dice, 'succeeded');
          else if (what === 'pending') told.refund(dice, 'pending');
          else if (what === 'settles') told.ends(dice, 'succeeded');
          else if (what === 'bounces') told.ends(dice, 'failed');
          else if (what === 'told') told.tell();
          else told.undo(what === 'undone');
          expect(told.payment.refunded + promisedBack(told.state, told.payment)).toBeLessThanOrEqual(told.payment.captured);
        }
        told.tell();
        told.undo(true);
        told.expectTheSame();
        expect(told.refunded).toBe(told.captured);

        for (const { entries } of told.steps.flatMap(({ postings }) => postings)) expect(entries.reduce((sum, { amount }) => sum + amount, 0)).toBe(0);
        const cash = (...kinds: string[]) =>
          told.steps.flatMap(({ postings }) => postings).filter(({ kind }) => kinds.includes(kind))
            .flatMap(({ entries }) => entries).filter(({ account }) => account === 'cash_at_provider').reduce((sum, { amount }) => sum + amount, 0);
        expect(cash('capture')).toBe(told.captured - before);
        expect(-cash('refund', 'refund_reversal')).toBe(told.payment.refunded);
      }),
    );
  });

  it('again after a refund has bounced books what that left, and no capture', () => {
    const told = new Told(happen(fc.sample(anyOrder.filter(({ totals }) => totals.total > 1000), 1)[0]!, { what: 'taken', dice: 0, more: 0 }, 1)!.state);
    told.refund(30, 'succeeded');
    told.undo(true);
    told.ends(0, 'failed');
    told.tell();
    const steps = told.steps.length;
    told.undo(true);
    told.undo(true);
    told.expectTheSame();
    expect(told.steps.slice(steps).flatMap(({ postings }) => postings.map(({ kind }) => kind))).toEqual(['refund']);
  });
});
