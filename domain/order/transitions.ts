import { capturedTotal, openAuthorization, refundedTotal, type OrderState, type PaymentState } from './state.ts';
import type { OrderStatus } from './status.ts';

/** Everything that can be asked of an order. `authorize`, `expire` and `complete` are also asked by the order's own process. */
export const orderCommands = [
  'confirm', 'pay', 'authorize', 'process', 'hold', 'release', 'capture', 'ship', 'deliver', 'refund', 'return', 'cancel',
  'expire', 'complete', 'resolve',
] as const;
export type OrderCommand = (typeof orderCommands)[number];

/**
 * The life of an order as data: from which status which command leads where. Where a command may lead to more
 * than one status, the goods decide (all shipped, all delivered, all returned); see changes.ts.
 * The usual ladder: draft → pending → confirmed → processing → shipped → delivered → completed.
 */
export const transitions: Record<OrderStatus, Partial<Record<OrderCommand, readonly OrderStatus[]>>> = {
  draft: { confirm: ['pending'], cancel: ['cancelled'], expire: ['expired'] },
  pending: { pay: ['pending'], confirm: ['pending', 'confirmed'], authorize: ['confirmed'], cancel: ['cancelled'], expire: ['expired'] },
  confirmed: {
    pay: ['confirmed'], process: ['processing'], hold: ['on_hold'], capture: ['confirmed'], ship: ['processing', 'shipped'], refund: ['confirmed'], cancel: ['cancelled'],
  },
  processing: {
    pay: ['processing'], hold: ['on_hold'], capture: ['processing'], ship: ['processing', 'shipped'], deliver: ['processing'], refund: ['processing'],
    return: ['processing'], cancel: ['cancelled'],
  },
  // What is on its way arrives all the same.
  on_hold: {
    pay: ['on_hold'], release: ['confirmed', 'processing'], deliver: ['on_hold'], refund: ['on_hold'], return: ['on_hold'], cancel: ['cancelled'],
  },
  shipped: { deliver: ['shipped', 'delivered'], refund: ['shipped'], return: ['shipped'] },
  delivered: { refund: ['delivered'], return: ['delivered', 'returned'], complete: ['completed'] },
  // What is closed can still be refunded, by a workflow of its own.
  completed: { refund: ['completed'] },
  cancelled: {},
  expired: {},
  returned: { refund: ['returned'] },
};

/** Why a command is refused: a stable code, and words that say what to do. */
export interface Refusal {
  code: 'illegal_transition' | 'order_busy' | 'nothing_to_capture' | 'nothing_to_refund' | 'already_shipped' | 'payment_pending' | 'nothing_to_resolve';
  detail: string;
}

type Guard = (state: OrderState) => Refusal | undefined;

const refuse = (code: Refusal['code'], detail: string): Refusal => ({ code, detail });

/** What must hold besides the status. One guard per command at most: the story stays readable. */
const guards: Partial<Record<OrderCommand, Guard>> = {
  // Beside an unpaid order, for one whose authorisation has lapsed or whose saved method was declined: two never stand side by side.
  pay: (state) => {
    const open = state.payments.find((payment) => ['pending', 'processing', 'authorized', 'unknown'].includes(payment.status) && !isUncapturable(state, payment));
    if (open) return refuse('payment_pending', `Payment ${open.id} is ${open.status}; wait for its outcome before paying again.`);
    const paid = state.totals.total > 0 && capturedTotal(state) >= state.totals.total;
    return paid ? refuse('payment_pending', 'This order is paid; nothing is left to pay.') : undefined;
  },
  cancel: (state) =>
    state.shipments.length > 0
      ? refuse('already_shipped', 'A part of this order is on its way; refund or return it instead of cancelling.')
      : undefined,
  // Its money may be taken yet: another charge for the same goods would be the second.
  ship: (state) => {
    const open = state.payments.find(({ status }) => ['processing', 'requires_action', 'unknown'].includes(status));
    return open ? refuse('payment_pending', `Payment ${open.id} is ${open.status}; wait for its outcome, or let the customer pay another way, before shipping.`) : undefined;
  },
  capture: (state) =>
    openAuthorization(state) ? undefined : refuse('nothing_to_capture', 'No authorised amount is left to capture.'),
  refund: (state) =>
    capturedTotal(state) - refundedTotal(state) > 0
      ? undefined
      : refuse('nothing_to_refund', 'No captured amount is left to refund; cancel the order to release an authorisation.'),
};

/** An authorisation of which nothing was taken, and whose capture was refused: another payment takes its place. */
export function isUncapturable(state: OrderState, { status, captured }: PaymentState): boolean {
  return state.attention?.code === 'capture_failed' && status === 'authorized' && captured === 0;
}

/** The refusal of a command in the present state, or undefined when it may run. */
export function refusalOf(state: OrderState, command: OrderCommand): Refusal | undefined {
  if (command === 'resolve') {
    return state.attention ? undefined : refuse('nothing_to_resolve', 'This order does not wait for anyone.');
  }
  if (!transitions[state.status][command]) {
    const allowed = allowedCommands(state);
    return refuse(
      'illegal_transition',
      `An order that is ${state.status} can't ${command}. ${allowed.length ? `Allowed now: ${allowed.join(', ')}.` : 'Its life has ended.'}`,
    );
  }
  return guards[command]?.(state);
}

/** Commands that need units that can take the step; which ones is the command's own matter. */
const unitsFor: Partial<Record<OrderCommand, (line: OrderState['lines'][number]) => boolean>> = {
  ship: ({ quantity, shipped }) => shipped < quantity,
  deliver: ({ shipped, delivered }) => delivered < shipped,
  return: ({ delivered, returned }) => returned < delivered,
};

/** What the order accepts now, for the answer to an illegal command. */
export function allowedCommands(state: OrderState): OrderCommand[] {
  return orderCommands.filter(
    (command) =>
      (command === 'resolve' ? state.attention !== null : transitions[state.status][command] !== undefined) &&
      !guards[command]?.(state) &&
      (!unitsFor[command] || state.lines.some(unitsFor[command])) &&
      !['authorize', 'expire'].includes(command),
  );
}

/**
 * The only way to a new status.
 * @throws {Error} when the table has no such way: a bug, never a customer's mistake
 */
export function moveTo(state: OrderState, command: OrderCommand, target: OrderStatus): OrderStatus {
  if (!transitions[state.status][command]?.includes(target)) {
    throw new Error(`No transition ${state.status} –${command}→ ${target}`);
  }
  return target;
}
