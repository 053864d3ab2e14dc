import type { Branding } from '#domain/mail/branding.ts';
import { mailTemplates, missingMailData, type MailData, type MailTemplate } from '#domain/mail/templates.ts';
import { attentionWords, cancellationWords, declineWords } from '#domain/mail/words.ts';
import type { Address, OrderContact } from '#domain/order/contact.ts';
import { countryName, dateFormat, moneyFormat } from './formats.ts';

/** What a mail is made from: rows, and the contact that was opened for this one mail. Amounts in minor units. */
export interface MailSource {
  tenant: { name: string; branding: Branding };
  livemode: boolean;
  data: MailData;
  order: {
    id: string;
    number: number;
    currency: string;
    subtotal: number;
    discount: number;
    shipping: number;
    tax: number;
    total: number;
    placedAt: Date;
    /** `subtotal` = quantity × unit price, before discount and tax. */
    lines: { sku: string; title: string; quantity: number; subtotal: number }[];
  };
  contact: OrderContact;
  shipment: { carrier: string; trackingNumber: string; lines: { sku: string; quantity: number }[] } | null;
}

interface MailParcel {
  carrier: string;
  trackingNumber: string;
  lines: { title: string; quantity: number }[];
}

/** All that a template may name, every field present (null where there is nothing): strict mode refuses the rest. */
export interface MailView {
  brand: Branding;
  tenantName: string;
  testMode: boolean;
  customerName: string;
  order: {
    id: string;
    number: string;
    placedOn: string;
    subtotal: string;
    discount: string | null;
    shipping: string;
    tax: string;
    total: string;
    url: string | null;
    lines: { sku: string; title: string; quantity: number; amount: string }[];
    address: string[];
  };
  parcel: MailParcel | null;
  /** What this mail is about: captured, refunded or concerned. */
  amount: string | null;
  /** True when `amount` is less than the order's total. */
  partial: boolean;
  reason: string | null;
  code: string | null;
}

/** Raised when a mail can't be made from what its row names: a fault of ours, to be fixed, not the customer's. */
export class MailContentError extends Error {
  override name = 'MailContentError';
}

/** Turns rows into words and formatted amounts. @throws {MailContentError} when the template needs more than there is */
export function buildMailView(template: MailTemplate, source: MailSource): MailView {
  const { order, data } = source;
  const missing = missingMailData(template, data);
  if (missing.length > 0) throw new MailContentError(`${template} lacks ${missing.join(', ')}`);
  if (data.shipment_id && !source.shipment) throw new MailContentError(`${template} names a shipment that is not there`);
  const brand = source.tenant.branding;
  const money = moneyFormat(brand.locale);
  const titles = new Map(order.lines.map((line) => [line.sku, line.title]));
  return {
    brand,
    tenantName: source.tenant.name,
    testMode: !source.livemode,
    customerName: source.contact.name,
    order: {
      id: order.id,
      number: String(order.number),
      placedOn: dateFormat(brand.locale, brand.timeZone).format(order.placedAt),
      subtotal: money(order.subtotal, order.currency),
      discount: order.discount > 0 ? money(-order.discount, order.currency) : null,
      shipping: money(order.shipping, order.currency),
      tax: money(order.tax, order.currency),
      total: money(order.total, order.currency),
      url: orderUrl(brand, order.id, order.number),
      lines: order.lines.map((line) => ({
        sku: line.sku,
        title: line.title,
        quantity: line.quantity,
        amount: money(line.subtotal, order.currency),
      })),
      address: addressLines(source.contact.shippingAddress, brand.locale),
    },
    parcel: source.shipment && {
      carrier: source.shipment.carrier,
      trackingNumber: source.shipment.trackingNumber,
      lines: source.shipment.lines.map(({ sku, quantity }) => ({ title: titles.get(sku) ?? sku, quantity })),
    },
    amount: data.amount === undefined ? null : money(data.amount, data.currency ?? order.currency),
    partial: data.amount !== undefined && data.amount < order.total,
    reason: reasonFor(template, data.code),
    code: data.code ?? null,
  };
}

function reasonFor(template: MailTemplate, code: string | undefined): string | null {
  if (template === 'payment_failed') return declineWords(code);
  if (template === 'order_cancelled') return cancellationWords(code);
  return mailTemplates[template].audience === 'merchant' ? attentionWords(code) : null;
}

function orderUrl(brand: Branding, orderId: string, number: number): string | null {
  return brand.orderUrl?.replaceAll('{order_id}', orderId).replaceAll('{number}', String(number)) ?? null;
}

/** The country by name, because letters cross borders. */
function addressLines(address: Address, locale: string): string[] {
  const lines = [address.name, address.line1, address.line2, townLine(address), countryName(locale, address.country)];
  return lines.filter((line): line is string => Boolean(line));
}

/** As the post of the country wants it. */
function townLine({ city, region, postalCode, country }: Address): string {
  const parts = ['US', 'CA', 'AU'].includes(country)
    ? [`${city},`, region, postalCode]
    : ['GB', 'IE', 'NZ'].includes(country) ? [city, postalCode] : [postalCode, city, region];
  return parts.filter(Boolean).join(' ');
}
