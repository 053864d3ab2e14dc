import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Posting } from '#domain/order/postings.ts';
import { inTenant } from '#entities/unit-of-work.ts';
import { at, Shop } from '#activities/orders/testing/shop.ts';
import { postToLedger } from './post.ts';

describe('the ledger', () => {
  const shop = new Shop();
  beforeAll(() => shop.start());
  afterAll(() => shop.stop());
  const post = async (entries: Posting['entries'], seq: number) => {
    await shop.stock('BOOKED', 100);
    const { id, payments } = await shop.place([{ sku: 'BOOKED', quantity: 1 }]);
    const posting: Posting = { kind: 'capture', paymentId: payments[0]!.id, currency: 'USD', entries };
    const source = { workflowId: `test/${id}`, seq, orderId: id, at };
    await inTenant(shop.database, shop.scope, (sql) => postToLedger(sql, shop.scope, [posting], source));
    return { posting, source };
  };

  it('takes what balances, once under one (workflow, seq)', async () => {
    const { posting, source } = await post([{ account: 'cash_at_provider', amount: 5 }, { account: 'revenue', amount: -5 }], 1);
    await expect(inTenant(shop.database, shop.scope, (sql) => postToLedger(sql, shop.scope, [posting], source))).rejects.toThrow('duplicate key');
    expect(await shop.query('select sum(amount)::int as sum, count(*)::int as n from ledger_entries')).toEqual([{ sum: 0, n: 2 }]);
  });

  it('refuses what does not balance, in the database itself', async () => {
    await expect(post([{ account: 'cash_at_provider', amount: 5 }, { account: 'revenue', amount: -4 }], 1)).rejects.toThrow('does not balance');
    await expect(post([{ account: 'cash_at_provider', amount: 5 }], 1)).rejects.toThrow('does not balance');
  });

  it('books nothing for nothing', async () => {
    await post([], 1);
    expect(await shop.query(`select count(*)::int as n from ledger_transactions t where not exists (select 1 from ledger_entries e where e.transaction_id = t.id)`)).toEqual([{ n: 0 }]);
  });

  it.each(['ledger_transactions', 'ledger_entries', 'order_events', 'stock_adjustments'])('%s can be added to, never changed or emptied, by the application', async (table) => {
    await expect(shop.asApp(`select * from ${table}`)).resolves.toBeDefined();
    await expect(shop.asApp(`update ${table} set tenant_id = tenant_id`)).rejects.toThrow('permission denied');
    await expect(shop.asApp(`delete from ${table}`)).rejects.toThrow('permission denied');
    await expect(shop.asApp(`truncate ${table}`)).rejects.toThrow('permission denied');
  });
});
