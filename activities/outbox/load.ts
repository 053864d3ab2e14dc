import type { Database } from '#entities/database.ts';
import { inTenant, type Sql } from '#entities/unit-of-work.ts';
import { readBranding } from '#domain/mail/branding.ts';
import { isMailTemplate, mailTemplates, type MailData, type MailTemplate } from '#domain/mail/templates.ts';
import type { OrderContact } from '#domain/order/contact.ts';
import type { KeyRing } from '#platform/keyring.ts';
import { renderMail, type RenderedMail } from '#activities/email/render.ts';
import { buildMailView, MailContentError, type MailSource } from '#activities/email/view.ts';
import { byScope, type ClaimedRow } from './claim.ts';

/** A mail that can be sent, or the reason why it can't. */
export type Prepared =
  | { mail: RenderedMail; to: { name: string; address: string }; senderName: string; replyTo: string | null }
  | { noRecipient: true }
  | { fault: string };

/** Whose lines a template shows. */
const showsLines: ReadonlySet<string> = new Set<MailTemplate>(['order_confirmation', 'order_shipped', 'order_delivered']);

/**
 * Makes the mails of a batch: at most four queries for each tenant, however many rows. Personal data is opened
 * here and goes nowhere but into the mail. A row that can't be made into a mail holds up no other.
 */
export async function prepareMails(database: Database, keyRing: KeyRing, rows: readonly ClaimedRow[]): Promise<Map<number, Prepared>> {
  const prepared = new Map<number, Prepared>();
  for (const group of byScope(rows)) {
    const [first] = group;
    const scope = { tenantId: first!.tenant_id, livemode: first!.livemode };
    const facts = await inTenant(database, scope, (sql) => readFacts(sql, group));
    for (const row of group) prepared.set(row.id, prepare(row, facts, keyRing));
  }
  return prepared;
}

type Facts = Awaited<ReturnType<typeof readFacts>>;

async function readFacts(sql: Sql, rows: readonly ClaimedRow[]) {
  const orderIds = [...new Set(rows.map((row) => row.subject_id))];
  const withLines = [...new Set(rows.filter((row) => showsLines.has(row.template)).map((row) => row.subject_id))];
  const shipmentIds = rows.map((row) => (row.data as MailData).shipment_id).filter((id) => id !== undefined);
  const tenant = await sql.selectFrom('tenants').select(['name', 'settings']).executeTakeFirst();
  const orders = await sql
    .selectFrom('orders')
    .select(['id', 'number', 'currency', 'subtotal', 'discount', 'shipping', 'tax', 'total', 'placed_at', 'contact_sealed'])
    .where('id', 'in', orderIds)
    .execute();
  const lines =
    withLines.length === 0
      ? []
      : await sql
          .selectFrom('order_lines')
          .select(['order_id', 'sku', 'title', 'quantity', 'subtotal'])
          .where('order_id', 'in', withLines)
          .orderBy('position')
          .execute();
  const shipments =
    shipmentIds.length === 0
      ? []
      : await sql
          .selectFrom('order_shipments')
          .select(['id', 'carrier', 'tracking_number', 'lines'])
          .where('id', 'in', shipmentIds)
          .execute();
  const settings = (tenant?.settings ?? {}) as Record<string, unknown>;
  return {
    tenant: tenant && { name: tenant.name, branding: readBranding(settings) },
    notificationEmail: settings.notificationEmail,
    orders: new Map(orders.map((order) => [order.id, order])),
    lines: Map.groupBy(lines, (line) => line.order_id),
    shipments: new Map(shipments.map((shipment) => [shipment.id, shipment])),
  };
}

function prepare(row: ClaimedRow, facts: Facts, keyRing: KeyRing): Prepared {
  try {
    const { template } = row;
    // A newer version may have written it, while this worker is the older one of a roll-out.
    if (!isMailTemplate(template)) throw new MailContentError('The template is not known');
    const source = sourceOf(row, facts, keyRing);
    const view = buildMailView(template, source);
    const to = recipient(template, source, facts.notificationEmail);
    if (!to) return { noRecipient: true };
    return { mail: renderMail(template, view), to, senderName: source.tenant.name, replyTo: view.brand.supportEmail };
  } catch (error) {
    return { fault: `content_${error instanceof Error ? error.name : 'unknown'}` };
  }
}

function sourceOf(row: ClaimedRow, facts: Facts, keyRing: KeyRing): MailSource {
  const order = facts.orders.get(row.subject_id);
  if (!facts.tenant || !order) throw new MailContentError('The order of this mail is not there');
  const data = row.data as MailData;
  const shipment = data.shipment_id === undefined ? undefined : facts.shipments.get(data.shipment_id);
  return {
    tenant: facts.tenant,
    livemode: row.livemode,
    data,
    order: { ...order, placedAt: order.placed_at, lines: facts.lines.get(order.id) ?? [] },
    contact: keyRing.open<OrderContact>(order.contact_sealed, order.id),
    shipment: shipment
      ? {
          carrier: shipment.carrier,
          trackingNumber: shipment.tracking_number,
          lines: shipment.lines as unknown as { sku: string; quantity: number }[],
        }
      : null,
  };
}

/** The customer, or for a merchant's mail the address in the tenant's settings; null = nobody to write to. */
function recipient(template: MailTemplate, { tenant, contact }: MailSource, notificationEmail: unknown) {
  if (mailTemplates[template].audience === 'customer') {
    return contact.email ? { name: contact.name, address: contact.email } : null;
  }
  if (typeof notificationEmail !== 'string' || notificationEmail === '') return null;
  return { name: tenant.name, address: notificationEmail };
}
