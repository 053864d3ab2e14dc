/** Who reads a mail: the person who ordered, or the merchant who sells. */
export type MailAudience = 'customer' | 'merchant';

/**
 * What an outbox row's `data` may carry: ids, amounts and codes. Nothing personal: names, addresses and the
 * mail address are read from sealed rows when the mail is sent, so that erasure touches one store.
 */
export interface MailData {
  payment_id?: string;
  shipment_id?: string;
  refund_id?: string;
  /** Integer minor units of `currency`. */
  amount?: number;
  /** ISO 4217. */
  currency?: string;
  /** Decline code, cancellation reason or attention code. */
  code?: string;
}

/** A `MailData` key that a template cannot do without. */
export type MailDataKey = keyof MailData;

interface TemplateDefinition {
  audience: MailAudience;
  /** Keys of `data` that the sender must give; all others are optional. */
  requires: readonly MailDataKey[];
  /** One line for documentation and the preview list. */
  description: string;
}

/**
 * Every mail that Perdura sends. The key is the outbox row's `template`, the last part of its `dedupe_key`
 * and the name of the files in activities/email/templates/.
 */
export const mailTemplates = {
  order_confirmation: { audience: 'customer', requires: [], description: 'The order is confirmed: lines, totals, address.' },
  payment_receipt: { audience: 'customer', requires: ['amount', 'currency'], description: 'Money was captured.' },
  payment_failed: { audience: 'customer', requires: [], description: 'The payment was declined; `code` says why.' },
  action_required: { audience: 'customer', requires: [], description: 'The bank asks for authentication before it pays.' },
  order_shipped: { audience: 'customer', requires: ['shipment_id'], description: 'A parcel left: carrier, tracking number, lines.' },
  order_delivered: { audience: 'customer', requires: [], description: 'A parcel (`shipment_id`), or the whole order, arrived.' },
  order_cancelled: { audience: 'customer', requires: [], description: 'The order ended without delivery; `code` says why.' },
  refund_issued: { audience: 'customer', requires: ['amount', 'currency'], description: 'Money goes back to the customer.' },
  admin_notification: { audience: 'merchant', requires: ['code'], description: 'A person of the merchant has to look: `code` says at what.' },
} as const satisfies Record<string, TemplateDefinition>;

/** Name of a mail template, as outbox rows carry it. */
export type MailTemplate = keyof typeof mailTemplates;

/** All template names, in the order of an order's life. */
export const mailTemplateNames = Object.keys(mailTemplates) as MailTemplate[];

/** True when `name` is one of ours: rows are text and may be older than this code. */
export function isMailTemplate(name: string): name is MailTemplate {
  return Object.hasOwn(mailTemplates, name);
}

/** The keys of {@link MailData} that `template` needs and `data` lacks. */
export function missingMailData(template: MailTemplate, data: MailData): MailDataKey[] {
  return mailTemplates[template].requires.filter((key) => data[key] === undefined || data[key] === null);
}
