import type { Invoice } from '../file/invoices.ts';

/** Who gets an order. All of it is made up but the number: the file knows no names. */
export interface Buyer {
  /** The customer's number, or undefined for a guest of one invoice. */
  customer: string | undefined;
  email: string;
  name: string;
  address: { name: string; line1: string; city: string; postal_code: string; country: string };
}

/** ISO 3166-1 of the file's countries; what is none of them stands as the shop's own country. */
const countries: Record<string, string> = {
  Australia: 'AU', Austria: 'AT', Bahrain: 'BH', Belgium: 'BE', Brazil: 'BR', Canada: 'CA', 'Channel Islands': 'JE', Cyprus: 'CY',
  'Czech Republic': 'CZ', Denmark: 'DK', EIRE: 'IE', Finland: 'FI', France: 'FR', Germany: 'DE', Greece: 'GR', 'Hong Kong': 'HK',
  Iceland: 'IS', Israel: 'IL', Italy: 'IT', Japan: 'JP', Lebanon: 'LB', Lithuania: 'LT', Malta: 'MT', Netherlands: 'NL', Norway: 'NO',
  Poland: 'PL', Portugal: 'PT', RSA: 'ZA', 'Saudi Arabia': 'SA', Singapore: 'SG', Spain: 'ES', Sweden: 'SE', Switzerland: 'CH',
  USA: 'US', 'United Arab Emirates': 'AE', 'United Kingdom': 'GB',
};

/** The customer of an invoice, or a guest of its own. `.test` never reaches anybody (RFC 2606). */
export function buyerOf({ number, customer, country }: Pick<Invoice, 'number' | 'customer' | 'country'>): Buyer {
  const name = customer ? `Customer ${customer}` : `Guest ${number}`;
  return {
    customer,
    email: `${customer ? `customer-${customer}` : `guest-${number}`}@example.test`,
    name,
    address: { name, line1: `${customer ?? number} Sample Street`, city: 'Sampleton', postal_code: '00000', country: countries[country] ?? 'GB' },
  };
}
