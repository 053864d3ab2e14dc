import { isClosed, type OrderState } from '#domain/order/state.ts';
import { orderStatuses, type OrderStatus } from '#domain/order/status.ts';
import { transitions } from '#domain/order/transitions.ts';

/** The life of an order as a Mermaid state diagram, drawn from the table that decides it. */
export function orderDiagram(): string {
  const ways = new Map<string, string[]>();
  for (const status of orderStatuses) {
    for (const [command, targets] of Object.entries(transitions[status])) {
      for (const target of targets) {
        const way = `${status} --> ${target}`;
        ways.set(way, [...(ways.get(way) ?? []), command]);
      }
    }
  }
  const closed = orderStatuses.filter((status: OrderStatus) => isClosed({ status } as OrderState));
  return [
    '%% Drawn from domain/order/transitions.ts by scripts/order-diagram.ts; do not edit.',
    'stateDiagram-v2',
    '  [*] --> draft',
    '  [*] --> pending',
    ...[...ways].map(([way, commands]) => `  ${way} : ${commands.join(', ')}`),
    ...closed.map((status) => `  ${status} --> [*]`),
    '',
  ].join('\n');
}
