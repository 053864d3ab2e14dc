import { invalidParam } from './errors.ts';
import { list as page } from './pagination.ts';
import type { Base, Hash, Refund } from './types.ts';
import type { Scope } from './world.ts';

/** Which members of an object hold the id of another that `expand[]` may put in its place. */
const EXPANDABLE: Record<string, readonly string[]> = {
  payment_intent: ['application', 'customer', 'latest_charge', 'on_behalf_of', 'payment_method', 'review'],
  setup_intent: ['application', 'customer', 'latest_attempt', 'mandate', 'on_behalf_of', 'payment_method', 'single_use_mandate'],
  charge: [
    'application', 'application_fee', 'balance_transaction', 'customer', 'failure_balance_transaction',
    'on_behalf_of', 'payment_intent', 'review', 'source_transfer',
  ],
  refund: [
    'balance_transaction', 'charge', 'customer', 'failure_balance_transaction', 'payment_intent', 'payment_method',
    'source_transfer_reversal', 'transfer_reversal',
  ],
  dispute: ['charge', 'payment_intent'],
  payment_method: ['customer'],
  customer: ['default_source', 'test_clock'],
  invoice_settings: ['default_payment_method'],
  balance_transaction: ['source'],
};

const MAX_DEPTH = 4;

/** Lists that hang on an object and are shown only when asked for. */
const SUBLISTS: Record<string, (scope: Scope, object: Base) => unknown> = {
  'charge.refunds': (scope, charge) =>
    page<Refund>(scope, 'refund', `/v1/charges/${charge.id}/refunds`, {}, { links: { charge: charge.id } }),
};

/** Puts objects in the place of the ids that the `expand[]` paths name, e.g. `data.latest_charge.customer`. */
export function expand(scope: Scope, answer: unknown, paths: readonly string[]): void {
  for (const path of paths) {
    const steps = path.split('.');
    if (steps.length > MAX_DEPTH + (steps[0] === 'data' ? 1 : 0)) {
      throw invalidParam(`You cannot expand more than ${MAX_DEPTH} levels of a property (${path}).`, 'expand');
    }
    walk(scope, answer as Hash, steps, path, '');
  }
}

function walk(scope: Scope, target: Hash, steps: string[], path: string, parent: string): void {
  const [step, ...rest] = steps as [string, ...string[]];
  const type = typeof target.object === 'string' ? target.object : parent;
  if (type === 'list' && step === 'data') {
    for (const item of target.data as Hash[]) walk(scope, item, rest, path, '');
    return;
  }
  const sublist = SUBLISTS[`${type}.${step}`];
  if (sublist) target[step] ??= sublist(scope, target as unknown as Base);
  else if (EXPANDABLE[type]?.includes(step)) {
    const id = target[step];
    if (typeof id === 'string') target[step] = scope.world.store.findAny(scope.account, id) ?? id;
  } else if (typeof target[step] !== 'object' || target[step] === null || rest.length === 0) {
    const hint = type === 'list' ? ` You may want to try expanding 'data.${path}' instead.` : '';
    throw invalidParam(`This property cannot be expanded (${path}).${hint}`, 'expand');
  }
  const next = target[step];
  if (rest.length > 0 && typeof next === 'object' && next !== null) walk(scope, next as Hash, rest, path, step);
}

