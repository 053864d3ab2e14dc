import type { UpdateDefinition } from '@temporalio/common';
import type { CommandIds } from '#domain/order/applied.ts';
import type { OrderCommand } from '#domain/order/transitions.ts';
import { ApplicationFailure, condition, log, setDefaultSignalHandler, setHandler } from '@temporalio/workflow';
import { rejectedType } from './rejected.ts';
import { captureOrder } from './commands/capture.ts';
import { deliver, move, returnUnits, ship } from './commands/fulfil.ts';
import { confirmOrder, payAgain } from './commands/pay-again.ts';
import { refundOrder } from './commands/refund.ts';
import { reprojectOrder } from './commands/reproject.ts';
import { endOrder } from './end.ts';
import { applyEvent } from './events.ts';
import * as messages from './messages.ts';
import { outcomeOf } from './pay.ts';
import type { OrderProcess } from './process.ts';

/**
 * Registers every message an order understands, synchronously, before anything is awaited: a message that comes
 * with the first workflow task must find its handler.
 */
export function answerMessages(order: OrderProcess): void {
  setHandler(
    messages.placed,
    async () => {
      await condition(() => order.placement !== undefined || order.input.resume !== undefined);
      return order.placement ?? outcomeOf(order.state);
    },
    { description: 'Waits for the outcome of placing; never rejects.' },
  );

  setHandler(messages.pay, (command) => payAgain(order, command), only('pay', messages.pay, 'Pays an order whose last payment failed.'));
  setHandler(messages.confirm, (command) => confirmOrder(order, command), only('confirm', messages.confirm, 'Confirms a draft, or asks how an authentication went.'));
  setHandler(messages.process, (command) => move(order, 'process', command), only('process', messages.process, 'Work on the goods has begun.'));
  setHandler(messages.hold, (command) => move(order, 'hold', command), only('hold', messages.hold, 'Stops the order until it is released.'));
  setHandler(messages.release, (command) => move(order, 'release', command), only('release', messages.release, 'Lets a held order go on.'));
  setHandler(messages.ship, (command) => ship(order, command), only('ship', messages.ship, 'Ships units and captures their money.'));
  setHandler(messages.deliver, (command) => deliver(order, command), only('deliver', messages.deliver, 'A shipment, or all of them, arrived.'));
  setHandler(messages.capture, (command) => captureOrder(order, command), only('capture', messages.capture, 'Takes authorised money without a shipment.'));
  setHandler(messages.refund, (command) => refundOrder(order, command), only('refund', messages.refund, 'Gives captured money back, by amount or by lines.'));
  setHandler(messages.returnGoods, (command) => returnUnits(order, command), only('return', messages.returnGoods, 'Goods came back.'));
  setHandler(messages.cancel, (command) => endOrder(order, 'cancel', command), only('cancel', messages.cancel, 'Ends the order: payments undone, stock given back.'));
  setHandler(messages.complete, (command) => move(order, 'complete', command), only('complete', messages.complete, 'Ends the order before its return window does.'));
  setHandler(messages.resolve, (command) => order.operator.resolve(command), only('resolve', messages.resolve, 'An operator answers what needs attention: retry or dismiss.'));
  setHandler(messages.reproject, () => reprojectOrder(order), { description: 'Writes the rows again from this state.' });

  setHandler(messages.paymentChanged, (event) => applyEvent(order, event), { description: "A provider's event; the provider is asked for the truth." });
  setDefaultSignalHandler((name) => log.error('A signal that no order understands', { signal: name }));
  setHandler(messages.orderState, () => (order.exists ? order.state : undefined), { description: 'The state as this workflow holds it.' });

  /** A command that is illegal now is refused before it enters the history; one that must wait is judged in its turn. */
  function only<Input extends CommandIds>(name: OrderCommand, _message: UpdateDefinition<unknown, [Input]>, description: string) {
    const validator = (command: Input): void => {
      const rejection = order.wasApplied(name, command) ? undefined : order.idle ? order.refusal(name) : refusedBehind(name);
      if (rejection) {
        const { detail } = rejection.refusal;
        throw ApplicationFailure.create({ message: detail, type: rejectedType, nonRetryable: true, details: [rejection] });
      }
    };
    return { description, validator };
  }

  /** What would queue behind a step that its rows refuse: an operator's word must find room (the server lets few updates wait). */
  function refusedBehind(name: OrderCommand): messages.Rejection | undefined {
    const { attention } = order.writes;
    if (!attention || name === 'resolve') return undefined;
    return order.rejected('order_busy', `The order can't be written at present: ${attention.detail}`, ['resolve']);
  }
}
