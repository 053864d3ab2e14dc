import { currencyExponent } from '../money.ts';

/** Size classes by whole currency units, so that an operator can filter for the big ones without seeing amounts. */
export function amountBand(amount: number, currency: string): string {
  const units = amount / 10 ** currencyExponent(currency);
  return units < 50 ? '0-50' : units < 200 ? '50-200' : units < 1000 ? '200-1000' : '1000+';
}
