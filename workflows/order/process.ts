import type { Change, Cause } from '#domain/order/changes/change.ts';
import type { Attention, OrderState } from '#domain/order/state.ts';
import { wasApplied, type CommandIds } from '#domain/order/applied.ts';
import { allowedCommands, refusalOf, type OrderCommand, type Refusal } from '#domain/order/transitions.ts';
import { CancellationScope, CancelledFailure, log, workflowInfo } from '@temporalio/workflow';
import type { SaveResult } from '#activities/orders/contract.ts';
import { rows, rowsOnce } from './activities.ts';
import type { Command, CommandOutcome, OrderWorkflowInput, NotAllowed, PaymentOutcome, Rejection } from './messages.ts';
import { Operator } from './operator.ts';
import { present, presentRefusal } from './presentation.ts';
import { RefusedWrites } from './refused-writes.ts';

/** A step of ours that this run does not remember stands in the rows; its state has been adopted, and the turn begins anew. */
class Overtaken extends Error {
  override name = 'Overtaken';
}

/**
 * An order in its workflow: its state, the queue in which everything that changes it takes turns, and the one
 * way to write a change. All the process's instants come from the workflow's clock.
 */
export class OrderProcess {
  readonly input: OrderWorkflowInput;
  readonly writers: 'one' | 'several';
  readonly writes: RefusedWrites;
  readonly operator = new Operator(this);
  /** How placing went; `placed` waits for it. */
  placement: PaymentOutcome | undefined;
  #state: OrderState | undefined;
  #turns: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  #scope: CancellationScope | undefined;
  #interruptions: (() => boolean)[] = [];

  /** @param writers `several` may write an order once its own workflow has ended; they meet by its version */
  constructor(input: OrderWorkflowInput, writers: 'one' | 'several' = 'one') {
    this.input = input;
    this.writers = writers;
    this.writes = new RefusedWrites((attention) => this.#showRefusal(attention), writers === 'one');
    if (input.resume) this.begin(input.resume);
  }

  /** The state, once the order exists. */
  get state(): OrderState {
    if (!this.#state) throw new Error('The order does not exist yet');
    return this.#state;
  }

  get exists(): boolean {
    return this.#state !== undefined;
  }

  /** Nothing is being changed or waits to be. */
  get idle(): boolean {
    return this.#waiting === 0;
  }

  begin(state: OrderState): void {
    this.#state = state;
    present(state);
  }

  /** With `name`, the change is what carries the command out, and it is remembered. */
  cause({ actor, reason, commandId }: Command, name?: OrderCommand): Cause {
    return { at: now(), actor, ...(reason ? { reason } : {}), ...(name && commandId ? { command: { name, id: commandId } } : {}) };
  }

  /** What the process does by itself. */
  systemCause(reason?: string): Cause {
    return { at: now(), actor: 'system', ...(reason ? { reason } : {}) };
  }

  /** Writes a change in one transaction, then makes it the state. `applies` settles a stored webhook with it. */
  async record(change: Change, applies?: { webhookEventId: string }): Promise<void> {
    const saved = await this.tryRecord(change, applies);
    if (saved.outcome === 'out_of_stock') throw new Error('Only a change that holds stock can meet a shortage');
  }

  /** Like {@link record}, for a change that holds stock: where it is short, nothing is written. */
  async tryRecord({ state, step }: Change, applies?: { webhookEventId: string }): Promise<Exclude<SaveResult, { outcome: 'overtaken' }>> {
    const saved = await this.writes.untilWritten(() => rows.saveOrder({ workflowId: workflowInfo().workflowId, state, step, ...applies }));
    if (saved.outcome === 'saved') this.begin(state);
    if (saved.outcome === 'overtaken') {
      this.begin(saved.state);
      throw new Overtaken();
    }
    return saved;
  }

  /** First come, first served: handlers that await would otherwise interleave. */
  async inTurn<T>(work: () => Promise<T>): Promise<T> {
    const before = this.#turns;
    this.#waiting += 1;
    const turn = (async () => {
      await before.catch(() => undefined); // its own caller hears of it
      for (;;) {
        this.#interruptions = [];
        try {
          return await work();
        } catch (error) {
          // On the state that was found: what was asked for may be done already, or not be allowed any more.
          if (!(error instanceof Overtaken)) throw error;
        }
      }
    })();
    this.#turns = turn;
    try {
      return await turn;
    } finally {
      this.#waiting -= 1;
    }
  }

  /**
   * Runs a command in its turn if the order allows it then; the answer of a refusal changes nothing. One that was carried
   * out before is answered with what stands: the order may not allow it any more, because it was.
   */
  async command(name: OrderCommand, command: CommandIds, work: (state: OrderState) => Promise<CommandOutcome>): Promise<CommandOutcome> {
    return this.once<CommandOutcome>(name, async () => (this.wasApplied(name, command) ? this.done() : undefined), work);
  }

  /** The same for any answer: `before` says what stands of a repetition, and is undefined for what is new. */
  async once<T>(name: OrderCommand, before: () => Promise<T | undefined>, work: (state: OrderState) => Promise<T>): Promise<T | Rejection> {
    return this.inTurn(async () => (await before()) ?? this.refusal(name) ?? work(this.state));
  }

  wasApplied(name: OrderCommand, command: CommandIds): boolean {
    return this.exists && wasApplied(this.state, name, command);
  }

  /** The refusal of a command as its caller gets it. */
  refusal(name: OrderCommand): NotAllowed | undefined {
    if (!this.#state) return { ...this.rejected('illegal_transition', 'This order was not placed.', []), status: 'cancelled' };
    const refusal = refusalOf(this.#state, name);
    return refusal && { outcome: 'rejected', refusal, status: this.#state.status, allowed: allowedCommands(this.#state) };
  }

  /** A refusal that the tables know nothing of: what stands in the way is not the order's status. */
  rejected(code: Refusal['code'], detail: string, allowed: OrderCommand[]): NotAllowed {
    return { outcome: 'rejected', refusal: { code, detail }, status: this.#state?.status ?? 'pending', allowed };
  }

  /** A slow provider call that {@link interrupt} may cut short. */
  async interruptible<T>(work: () => Promise<T>): Promise<T> {
    const scope = new CancellationScope({ cancellable: true });
    this.#scope = scope;
    try {
      if (this.interrupted) throw new CancelledFailure('Cut short');
      return await scope.run(work);
    } catch (error) {
      // An attempt that fails after its cancellation was asked for ends as failed, not as cancelled.
      throw this.interrupted ? new CancelledFailure('Cut short') : error;
    } finally {
      this.#scope = undefined;
    }
  }

  /**
   * Cancelling must not queue behind a slow capture: what runs is cut short, and its outcome looked up later.
   * @param wanted whether it is still to end: a payment that was being begun moves the expiry that has just come
   */
  interrupt(wanted: () => boolean): void {
    this.#interruptions.push(wanted);
    this.#scope?.cancel();
  }

  /** The turn that runs is to end. */
  get interrupted(): boolean {
    return this.#interruptions.some((wanted) => wanted());
  }

  async #showRefusal(attention: Attention): Promise<void> {
    presentRefusal(this.#state, attention);
    const { scope, orderId } = this.input;
    await rowsOnce.showAttention({ scope, orderId, attention }).catch((error: unknown) => log.warn('Only the workflow shows the refusal', { error: String(error) }));
  }

  done(): CommandOutcome {
    const { id, seq, status, paymentStatus } = this.state;
    return { outcome: 'done', orderId: id, version: seq, status, paymentStatus };
  }
}

/** The workflow's clock. */
export function now(): string {
  return new Date().toISOString();
}
