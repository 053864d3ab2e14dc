import { searchAttributes } from '#domain/names/search-attributes.ts';
import { amountBand } from '#domain/order/amount-band.ts';
import { nextDeadline } from '#domain/order/deadlines.ts';
import { capturedTotal, refundedTotal, type Attention, type OrderState } from '#domain/order/state.ts';
import { allowedCommands } from '#domain/order/transitions.ts';
import { toDecimal } from '#domain/money.ts';
import { setCurrentDetails, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';

/** What operators see in the Temporal UI: the story so far, and search attributes where they changed. */
export function present(state: OrderState): void {
  setCurrentDetails(details(state));
  const current = workflowInfo().typedSearchAttributes;
  const deadline = nextDeadline(state);
  const wanted = [
    { key: searchAttributes.orderStatus, value: state.status },
    { key: searchAttributes.paymentStatus, value: state.paymentStatus },
    { key: searchAttributes.amountBand, value: amountBand(state.totals.total, state.currency) },
    { key: searchAttributes.reasonCode, value: reasonCode(state) },
    { key: searchAttributes.needsAttention, value: state.attention ? true : null },
    { key: searchAttributes.nextDeadline, value: deadline ? new Date(deadline.at) : null },
  ] as const;
  // Each upsert is an event in the history: only at resting points, and only for what differs.
  if (isPassing(state)) return;
  const changed = wanted.filter(({ key, value }) => comparable(current.get(key as never)) !== comparable(value));
  if (changed.length > 0) upsertSearchAttributes(changed as never);
}

/** A step that can't be written: beside the state, for it can't be part of it. The next one that is written takes it back. */
export function presentRefusal(state: OrderState | undefined, attention: Attention): void {
  setCurrentDetails(state ? details({ ...state, attention }) : warning(attention));
  upsertSearchAttributes([
    { key: searchAttributes.reasonCode, value: attention.code },
    { key: searchAttributes.needsAttention, value: true },
  ]);
}

/** Dates are objects: they are equal by their instant. */
function comparable(value: unknown): unknown {
  return value instanceof Date ? value.getTime() : (value ?? null);
}

/** Placing writes its first row and goes on at once: nobody could see that state. */
function isPassing(state: OrderState): boolean {
  return state.payments.at(-1)?.status === 'pending';
}

function reasonCode(state: OrderState): string | null {
  const decline = state.paymentStatus === 'failed' ? state.payments.at(-1)?.decline : undefined;
  return state.attention?.code ?? decline?.declineCode ?? decline?.code ?? null;
}

/** Markdown for the UI: where the order stands, what it does next by itself, and what it accepts. */
export function details(state: OrderState): string {
  const money = (amount: number) => `${toDecimal({ amount, currency: state.currency })} ${state.currency}`;
  const deadline = nextDeadline(state);
  const decline = state.payments.at(-1)?.decline;
  const rows = [
    ['Status', `**${state.status}** · payment **${state.paymentStatus}** · goods **${state.fulfillmentStatus}**`],
    ['Money', `total ${money(state.totals.total)} · captured ${money(capturedTotal(state))} · refunded ${money(refundedTotal(state))}`],
    ...(decline ? [['Last decline', [decline.code, decline.declineCode, decline.adviceCode].filter(Boolean).join(' / ')]] : []),
    ['Next by itself', deadline ? `${deadline.kind} at ${deadline.at}` : 'nothing; it waits for a command'],
    ['Accepts', allowedCommands(state).map((command) => `\`${command}\``).join(' ') || 'nothing any more'],
  ];
  // A list: the UI's frame cuts the last row of a table.
  const lines = state.lines.map(({ sku, quantity, shipped, delivered, returned }) => `- ${quantity} × ${sku}: ${shipped} shipped, ${delivered} delivered, ${returned} returned`);
  return [
    `### Order ${state.number}`,
    ...(state.attention ? [warning(state.attention), ''] : []),
    ...rows.map(([name, text]) => `- ${name}: ${text}`),
    '',
    ...lines,
  ].join('\n');
}

function warning({ code, since, detail }: Attention): string {
  return `> **Needs attention: ${code}** since ${since}\n> ${detail}`;
}
