import { attentionRaised, attentionResolved } from '#domain/order/changes/endings.ts';
import type { AttentionCode } from '#domain/order/state.ts';
import { condition, workflowInfo } from '@temporalio/workflow';
import { rows } from './activities.ts';
import { isFailure } from './failure-type.ts';
import type { CommandOutcome, Rejection, ResolveCommand } from './messages.ts';
import type { OrderProcess } from './process.ts';

const firstLookMs = 60_000;
const longestLookMs = 3_600_000;

/** The person who is asked where a step can't go on by itself, and how the answer reaches that step. */
export class Operator {
  readonly #order: OrderProcess;
  #resolution: ResolveCommand | undefined;
  #parked = false;

  constructor(order: OrderProcess) {
    this.#order = order;
  }

  /** Parks the step that can't go on until an operator resolves it. Never swallowed, never given up. */
  async needPerson(code: AttentionCode, detail: string): Promise<ResolveCommand['resolution']> {
    const command = await this.#park(code, detail, () => this.#resolution !== undefined);
    return command!.resolution;
  }

  /** The same for a step that may be cut short: a cancel need not wait for the operator. */
  async needPersonOrCancel(code: AttentionCode, detail: string): Promise<ResolveCommand['resolution'] | 'interrupted'> {
    const command = await this.#park(code, detail, () => this.#resolution !== undefined || this.#order.interrupted);
    return command?.resolution ?? 'interrupted';
  }

  async #park(code: AttentionCode, detail: string, ended: () => boolean): Promise<ResolveCommand | undefined> {
    // From before anyone can read of it until the answer is recorded.
    this.#parked = true;
    try {
      if (this.#order.writers === 'several') await this.#waitAmongOthers(code, detail, ended);
      else {
        await this.#raise(code, detail);
        await condition(ended);
      }
      const command = this.#resolution;
      if (command) await this.#recordResolved(command);
      return command;
    } finally {
      this.#parked = false;
      this.#resolution = undefined;
    }
  }

  #raise(code: AttentionCode, detail: string): Promise<void> {
    const cause = this.#order.systemCause();
    const by = this.#order.writers === 'several' ? { by: workflowInfo().workflowId } : {};
    return this.#order.record(attentionRaised(this.#order.state, { code, since: cause.at, detail, ...by }, cause));
  }

  /** An ended order has one attention for all that waits on it: whose turn has not come raises its own when the place is free. */
  async #waitAmongOthers(code: AttentionCode, detail: string, ended: () => boolean): Promise<void> {
    for (let pauseMs = firstLookMs; ; pauseMs = Math.min(2 * pauseMs, longestLookMs)) {
      while (!this.#order.state.attention?.by && !(await this.#couldRaise(code, detail))) await this.#readAgain();
      if (await condition(ended, pauseMs)) return;
      await this.#readAgain();
    }
  }

  async #couldRaise(code: AttentionCode, detail: string): Promise<boolean> {
    try {
      await this.#raise(code, detail);
      return true;
    } catch (error) {
      if (!isFailure(error, 'VersionConflict')) throw error;
      return false;
    }
  }

  async #readAgain(): Promise<void> {
    const { scope, orderId } = this.#order.input;
    this.#order.begin(await rows.loadClosedOrder({ scope, orderId }));
  }

  /** Others may have written an ended order while its step waited: the answer must not be lost with a conflict of versions. */
  async #recordResolved(command: ResolveCommand): Promise<void> {
    for (;;) {
      if (this.#order.writers === 'several') {
        await this.#readAgain();
        if (this.#order.state.attention?.by !== workflowInfo().workflowId) return;
      }
      try {
        return await this.#order.record(attentionResolved(this.#order.state, command.resolution, this.#order.cause(command, 'resolve')));
      } catch (error) {
        if (this.#order.writers === 'one' || !isFailure(error, 'VersionConflict')) throw error;
      }
    }
  }

  /** Gives an operator's answer to the step that waits for it; false where none does. */
  answer(command: ResolveCommand): boolean {
    if (!this.#parked || this.#resolution !== undefined || this.#order.wasApplied('resolve', command)) return false;
    this.#resolution = command;
    return true;
  }

  /** An operator's answer: to the step that waits for it, else to a mere notice. */
  async resolve(command: ResolveCommand): Promise<CommandOutcome> {
    const { writes } = this.#order;
    if (writes.attention) return (await writes.tryNow()) && this.#order.exists ? this.#order.done() : this.#stillRefused();
    if (this.answer(command)) {
      await condition(() => !this.#parked);
      return this.#order.done();
    }
    return this.#order.command('resolve', command, async (state) => {
      await this.#order.record(attentionResolved(state, command.resolution, this.#order.cause(command, 'resolve')));
      return this.#order.done();
    });
  }

  /** The step keeps its turn whatever an operator says: without it, the rows would not tell what was done. */
  #stillRefused(): Rejection {
    return this.#order.rejected('order_busy', this.#order.writes.attention?.detail ?? 'The order is being opened.', ['resolve']);
  }
}
