import { describe, expect, it } from '@jest/globals';
import { readBranding } from '#domain/mail/branding.ts';
import { mailTemplateNames, type MailTemplate } from '#domain/mail/templates.ts';
import { moneyFormat } from './formats.ts';
import { previewMail, sampleFor, sampleSource } from './preview.ts';
import { renderMail } from './render.ts';
import { buildMailView } from './view.ts';

const facts: Record<MailTemplate, { subject: string; says: string[] }> = {
  order_confirmation: { subject: 'Order 1042 is confirmed', says: ['$114.70', '-$5.00', 'MUG-BLUE', 'Denver, CO 80202', 'United States', 'November 21, 2026'] },
  payment_receipt: { subject: 'Receipt for order 1042: $114.70', says: ['$114.70', '1042'] },
  payment_failed: { subject: 'Payment for order 1042 did not go through', says: ['not enough funds', 'not charged'] },
  action_required: { subject: 'Please confirm the payment for order 1042', says: ['$114.70', 'https://nordlicht.example/orders/ord_'] },
  order_shipped: { subject: 'Order 1042 is on its way', says: ['UPS', '1Z999AA10123456784', 'Enamel mug', 'Denver'] },
  order_delivered: { subject: 'Order 1042 was delivered', says: ['UPS', 'A parcel of your order'] },
  order_cancelled: { subject: 'Order 1042 was cancelled', says: ['No payment arrived in time'] },
  refund_issued: { subject: 'Refund for order 1042: $22.20', says: ['$22.20'] },
  admin_notification: { subject: 'Order 1042 needs attention: authorization_lapsing', says: ['about to run out', 'ord_01jd6wq9zke8ptdz5m4x8s2v7b'] },
};

describe('mail templates', () => {
  it.each(mailTemplateNames)('%s says what it is about, in both kinds', (template) => {
    const mail = previewMail(template);
    expect(mail.subject).toBe(facts[template].subject);
    for (const kind of [mail.html, mail.text]) {
      for (const fact of facts[template].says) expect(kind).toContain(fact);
      expect(kind).not.toMatch(/\{\{|\}\}|undefined|\[object|NaN/);
      expect(kind).toContain('Nordlicht Outdoor');
    }
    expect(mail.html).toContain(`<title>${facts[template].subject}</title>`);
    expect(mail.text).toMatchSnapshot();
  });

  it('escapes what people typed in HTML and leaves text as it is', () => {
    const mail = previewMail('order_confirmation');
    expect(mail.html).toContain('Tent &quot;Fjäll&quot; for 2 &lt;light&gt;');
    expect(mail.html).not.toContain('<light>');
    expect(mail.text).toContain('Tent "Fjäll" for 2 <light>');
  });

  it('refuses a missing variable instead of leaving a gap', () => {
    const view = buildMailView('order_confirmation', sampleSource);
    const { tenantName, ...rest } = view;
    expect(tenantName).toBe('Nordlicht Outdoor');
    expect(() => renderMail('order_confirmation', rest as typeof view)).toThrow('tenantName');
  });

  it('refuses data that the template needs and the row lacks', () => {
    expect(() => buildMailView('payment_receipt', { ...sampleSource, data: {} })).toThrow('payment_receipt lacks amount, currency');
    expect(() => buildMailView('order_shipped', { ...sampleFor('order_shipped'), shipment: null })).toThrow('shipment');
  });

  it('works for a tenant without branding, and says that test mode is a test', () => {
    for (const template of mailTemplateNames) {
      const source = { ...sampleFor(template), livemode: false, tenant: { name: 'Plain', branding: readBranding({}) } };
      const mail = renderMail(template, buildMailView(template, source));
      expect(mail.html).toContain('Test mode.');
      expect(mail.text).toContain('Test mode');
      expect(mail.html).not.toContain('href=""');
    }
  });

  it('lets no malformed branding into a style or a link', () => {
    const settings = { branding: { color: 'red;}</style>', logoUrl: 'javascript:alert(1)', orderUrl: 'http://plain.example', locale: '!', timeZone: 'Mars' } };
    const { brand } = buildMailView('order_confirmation', { ...sampleSource, tenant: { name: 'T', branding: readBranding(settings) } });
    expect(brand).toMatchObject({ color: '#1f4f82', logoUrl: null, orderUrl: null, locale: 'en-US', timeZone: 'UTC' });
  });

  it('formats minor units by the digits of the currency', () => {
    const money = moneyFormat('en-US');
    expect([money(1999, 'USD'), money(1999, 'JPY'), money(1999, 'KWD'), money(-5, 'EUR')]).toEqual(['$19.99', '¥1,999', 'KWD\u00a01.999', '-€0.05']);
    expect(money(900_719_925_474_099, 'USD')).toBe('$9,007,199,254,740.99');
  });
});
