import type { OrderState } from './state.ts';
import type { OrderCommand } from './transitions.ts';

/**
 * Which commands an order has carried out. A command may be delivered twice (its answer was lost, a sweep repeats it),
 * and Temporal knows it within one run only: across continue-as-new the state has to. What makes a part of the order
 * (a payment, a shipment, a refund) is known by that part's id; of the others the id is kept here.
 */
export interface AppliedCommand {
  name: OrderCommand;
  id: string;
}

/** How often these can be done is bounded by the order's units and money, and each moves some: every id is kept. */
const keptAll: readonly OrderCommand[] = ['capture', 'deliver', 'return'];

/** Remembers a command in the state that it led to. Of one that can be given without end (hold, release), only the last. */
export function rememberCommand(state: OrderState, { name, id }: AppliedCommand): void {
  const before = keptAll.includes(name) ? (state.applied?.[name] ?? []) : [];
  state.applied = { ...state.applied, [name]: [...before, id] };
}

/** The ids that commands carry; which of them names a command depends on what it makes. */
export interface CommandIds {
  commandId?: string;
  paymentId?: string;
  shipmentId?: string;
  refundId?: string;
}

/** True when this very command has been carried out. */
export function wasApplied(state: OrderState, name: OrderCommand, { commandId, paymentId, shipmentId, refundId }: CommandIds): boolean {
  switch (name) {
    case 'pay':
    case 'confirm':
      return state.payments.some(({ id }) => id === paymentId);
    case 'ship':
      return state.shipments.some(({ id }) => id === shipmentId);
    case 'refund':
      return state.refunds.some(({ id }) => id === refundId);
    default:
      return commandId !== undefined && (state.applied?.[name] ?? []).includes(commandId);
  }
}
