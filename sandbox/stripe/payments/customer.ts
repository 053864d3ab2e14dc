import { noSuch } from '../errors.ts';
import type { Customer } from '../types.ts';
import type { Scope } from '../world.ts';

/** A customer that is not deleted, or `resource_missing`. */
export function getCustomer(scope: Scope, id: string, param = 'customer', status: 400 | 404 = 400): Customer {
  const found = scope.world.store.get<Customer>(scope.account, 'customer', id, param, status);
  if (found.deleted) throw noSuch('customer', id, param, status);
  return found;
}
