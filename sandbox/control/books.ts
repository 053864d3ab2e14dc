import type { Database } from '../database.ts';

/** What the provider's own records sum up to, in minor units of one currency. */
export interface Books {
  currency: string;
  /** Sum of all approved charges, whether captured, released or neither yet. */
  authorized: number;
  captured: number;
  /** Refunds that were not failed or canceled. */
  refunded: number;
  /** Authorised, not captured and not released. */
  capturable: number;
  /** Captured amounts under dispute, won ones left out. */
  disputed: number;
  fees: number;
  charges: number;
  charges_failed: number;
  charges_captured: number;
  refunds: number;
  disputes: number;
}

const SQL = `
WITH rows AS (
  SELECT json_extract(body, '$.currency') AS currency, type, body,
         json_extract(body, '$.status') AS status, json_extract(body, '$.amount') AS amount
  FROM objects
  WHERE type IN ('charge', 'refund', 'payment_intent', 'dispute', 'balance_transaction') AND (? IS NULL OR account = ?)
)
SELECT currency,
  coalesce(sum(amount) FILTER (WHERE type = 'charge' AND status = 'succeeded'), 0) AS authorized,
  coalesce(sum(json_extract(body, '$.amount_captured')) FILTER (WHERE type = 'charge'), 0) AS captured,
  coalesce(sum(amount) FILTER (WHERE type = 'refund' AND status IN ('succeeded', 'pending')), 0) AS refunded,
  coalesce(sum(json_extract(body, '$.amount_capturable')) FILTER (WHERE type = 'payment_intent'), 0) AS capturable,
  coalesce(sum(amount) FILTER (WHERE type = 'dispute' AND status NOT IN ('won', 'warning_closed')), 0) AS disputed,
  coalesce(sum(json_extract(body, '$.fee')) FILTER (WHERE type = 'balance_transaction'), 0) AS fees,
  count(*) FILTER (WHERE type = 'charge' AND status = 'succeeded') AS charges,
  count(*) FILTER (WHERE type = 'charge' AND status = 'failed') AS charges_failed,
  count(*) FILTER (WHERE type = 'charge' AND json_extract(body, '$.captured')) AS charges_captured,
  count(*) FILTER (WHERE type = 'refund' AND status IN ('succeeded', 'pending')) AS refunds,
  count(*) FILTER (WHERE type = 'dispute') AS disputes
FROM rows GROUP BY currency ORDER BY currency`;

/** Totals per currency, of one account or of all, summed up from the objects each time. */
export const readBooks = (db: Database, account?: string): Books[] =>
  db.all(SQL, account ?? null, account ?? null) as unknown as Books[];
