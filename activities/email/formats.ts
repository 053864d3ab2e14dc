import { toDecimal } from '#domain/money.ts';

// Making an Intl format costs a hundred times its use, and there are few kinds.
const numberFormats = new Map<string, Intl.NumberFormat>();
const dateFormats = new Map<string, Intl.DateTimeFormat>();
const countryNames = new Map<string, Intl.DisplayNames>();

/** Formats minor units with the digits of their currency, exactly: the decimal goes to Intl as text, not as a float. */
export function moneyFormat(locale: string): (amount: number, currency: string) => string {
  return (amount, currency) => {
    const key = `${locale} ${currency}`;
    const format = numberFormats.get(key) ?? new Intl.NumberFormat(locale, { style: 'currency', currency });
    numberFormats.set(key, format);
    return format.format(toDecimal({ amount, currency }) as Intl.StringNumericLiteral);
  };
}

/** Days as a reader of that locale writes them, in the given IANA zone. */
export function dateFormat(locale: string, timeZone: string): Intl.DateTimeFormat {
  const key = `${locale} ${timeZone}`;
  const format = dateFormats.get(key) ?? new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeZone });
  dateFormats.set(key, format);
  return format;
}

/** A country as a reader of that locale calls it; the code itself where nobody does. */
export function countryName(locale: string, country: string): string {
  const names = countryNames.get(locale) ?? new Intl.DisplayNames(locale, { type: 'region' });
  countryNames.set(locale, names);
  return names.of(country) ?? country;
}
