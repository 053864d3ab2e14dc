import { newId } from '../ids.ts';
import type { BalanceTransaction } from '../types.ts';
import type { Scope } from '../world.ts';

const TWO_DAYS = 2 * 86_400;

/** Stripe's standard price for cards: 2.9 % and 30 minor units. */
export const feeOf = (amount: number): number => Math.round((amount * 29) / 1000) + 30;

interface Movement {
  type: BalanceTransaction['type'];
  category: string;
  source: string;
  /** Minor units; negative when it leaves the balance. */
  amount: number;
  currency: string;
  fee?: number;
  feeName?: string;
  description?: string | null;
  availableAtOnce?: boolean;
}

/** Books a movement on the account's balance. */
export function book(scope: Scope, movement: Movement): BalanceTransaction {
  const fee = movement.fee ?? 0;
  const transaction: BalanceTransaction = {
    id: newId('txn'),
    object: 'balance_transaction',
    amount: movement.amount,
    available_on: movement.availableAtOnce ? scope.now : scope.now + TWO_DAYS,
    balance_type: 'payments',
    created: scope.now,
    currency: movement.currency,
    description: movement.description ?? null,
    exchange_rate: null,
    fee,
    fee_details:
      fee === 0
        ? []
        : [{
            amount: fee,
            application: null,
            currency: movement.currency,
            description: movement.feeName ?? 'Stripe processing fees',
            type: 'stripe_fee',
          }],
    net: movement.amount - fee,
    reporting_category: movement.category,
    source: movement.source,
    status: movement.availableAtOnce ? 'available' : 'pending',
    type: movement.type,
  };
  scope.world.store.insert(scope.account, transaction);
  return transaction;
}
