import { readBranding } from '#domain/mail/branding.ts';
import type { MailTemplate } from '#domain/mail/templates.ts';
import { renderMail, type RenderedMail } from './render.ts';
import { buildMailView, type MailSource } from './view.ts';

/** An order as it might be, for looking at a template: nobody's data. */
export const sampleSource: MailSource = {
  tenant: {
    name: 'Nordlicht Outdoor',
    branding: readBranding({
      branding: {
        color: '#0b6e4f',
        supportEmail: 'help@nordlicht.example',
        imprint: 'Hafenstrasse 12, 20457 Hamburg',
        orderUrl: 'https://nordlicht.example/orders/{order_id}',
      },
    }),
  },
  livemode: true,
  data: { amount: 11_470, currency: 'USD' },
  order: {
    id: 'ord_01jd6wq9zke8ptdz5m4x8s2v7b',
    number: 1042,
    currency: 'USD',
    subtotal: 11_000,
    discount: 500,
    shipping: 500,
    tax: 470,
    total: 11_470,
    placedAt: new Date('2026-11-21T09:30:00Z'),
    lines: [
      { sku: 'TENT-2P', title: 'Tent "Fjäll" for 2 <light>', quantity: 1, subtotal: 8_800 },
      { sku: 'MUG-BLUE', title: 'Enamel mug & spoon', quantity: 2, subtotal: 2_200 },
    ],
  },
  contact: {
    email: 'ada@example.com',
    name: "Ada O'Neill",
    shippingAddress: { name: "Ada O'Neill", line1: '1 Market St', line2: 'Floor 3', city: 'Denver', region: 'CO', postalCode: '80202', country: 'US' },
  },
  shipment: null,
};

const sampleShipment = { carrier: 'UPS', trackingNumber: '1Z999AA10123456784', lines: [{ sku: 'MUG-BLUE', quantity: 2 }] };

/** A realistic source for each template. */
export function sampleFor(template: MailTemplate): MailSource {
  const parcel = { ...sampleSource, shipment: sampleShipment };
  switch (template) {
    case 'order_shipped':
    case 'order_delivered':
      return { ...parcel, data: { shipment_id: 'shp_01jd6wq9zke8ptdz5m4x8s2v7c' } };
    case 'payment_failed':
      return { ...sampleSource, data: { code: 'insufficient_funds' } };
    case 'order_cancelled':
      return { ...sampleSource, data: { code: 'expired' } };
    case 'refund_issued':
      return { ...sampleSource, data: { refund_id: 'ref_01jd6wq9zke8ptdz5m4x8s2v7d', amount: 2_220, currency: 'USD' } };
    case 'admin_notification':
      return { ...sampleSource, data: { code: 'authorization_lapsing', amount: 11_470, currency: 'USD' } };
    default:
      return sampleSource;
  }
}

/** Renders a template with sample data and, where given, a tenant's own name and branding (see `readBranding`). */
export function previewMail(template: MailTemplate, tenant: MailSource['tenant'] = sampleSource.tenant): RenderedMail {
  return renderMail(template, buildMailView(template, { ...sampleFor(template), tenant }));
}
