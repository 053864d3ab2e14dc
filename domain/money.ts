/** Money is an integer in the currency's minor unit, with its ISO 4217 code beside it: never a float, never alone. */
export interface Money {
  amount: number;
  currency: string;
}

/** Raised for sums that would mix currencies, leave the safe integers, or come from malformed text. */
export class MoneyError extends Error {
  override name = 'MoneyError';
}

let supported: ReadonlySet<string> | undefined;

/** True for an ISO 4217 alphabetic code that the runtime knows. */
export function isCurrency(code: string): boolean {
  supported ??= new Set(Intl.supportedValuesOf('currency'));
  return supported.has(code);
}

// ISO 4217, list one: every currency whose minor unit is not 2. Intl's digits are those of daily use, not these:
// it has 0 for HUF, COP and IDR, whose amounts providers take in hundredths.
const exponents = new Map<string, number>([
  ...['BIF', 'CLP', 'DJF', 'GNF', 'ISK', 'JPY', 'KMF', 'KRW', 'PYG', 'RWF', 'UGX', 'UYI', 'VND', 'VUV', 'XAF', 'XOF', 'XPF'].map((code) => [code, 0] as const),
  ...['BHD', 'IQD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND'].map((code) => [code, 3] as const),
  ...['CLF', 'UYW'].map((code) => [code, 4] as const),
]);

/** Digits after the decimal point by ISO 4217: 2 for USD, 0 for JPY, 3 for KWD. */
export function currencyExponent(currency: string): number {
  if (!isCurrency(currency)) throw new MoneyError(`${currency} is not an ISO 4217 currency`);
  return exponents.get(currency) ?? 2;
}

/**
 * Reads a plain decimal ("19.99", "-5", "1.250") into minor units without a float on the way.
 * @throws {MoneyError} for other text, or for more digits than the currency has (trailing zeros are let through)
 */
export function parseDecimal(text: string, currency: string): number {
  const match = /^(-?)(\d{1,15})(?:\.(\d+))?$/.exec(text.trim());
  if (!match) throw new MoneyError(`"${text}" is not a decimal amount`);
  const exponent = currencyExponent(currency);
  const [, sign, whole, fraction = ''] = match;
  if (/[1-9]/.test(fraction.slice(exponent))) {
    throw new MoneyError(`"${text}" has more than the ${exponent} decimals of ${currency}`);
  }
  const minor = Number(whole + fraction.slice(0, exponent).padEnd(exponent, '0'));
  return sum([sign === '-' ? 0 - minor : minor]);
}

/** Writes minor units as a plain decimal: 1999 USD → "19.99". */
export function toDecimal({ amount, currency }: Money): string {
  const exponent = currencyExponent(currency);
  const digits = String(Math.abs(amount)).padStart(exponent + 1, '0');
  const cut = digits.length - exponent;
  return `${amount < 0 ? '-' : ''}${digits.slice(0, cut)}${exponent ? `.${digits.slice(cut)}` : ''}`;
}

/** Adds minor units of one currency. @throws {MoneyError} beyond the safe integers */
export function sum(amounts: readonly number[]): number {
  const total = amounts.reduce((left, right) => left + right, 0);
  if (!Number.isSafeInteger(total)) throw new MoneyError('The amount is beyond the safe integers');
  return total;
}

/**
 * Splits `amount` in proportion to `weights` by largest remainder (Hamilton's method): the parts sum to the
 * amount to the last unit, none is further than one unit from its exact share, ties go to the earlier part.
 * With no weight at all the whole amount goes to the first part.
 * @param amount minor units, ≥ 0
 */
export function allocate(amount: number, weights: readonly number[]): number[] {
  if (weights.length === 0) {
    if (amount === 0) return [];
    throw new MoneyError('Nothing to allocate an amount to');
  }
  const whole = BigInt(amount);
  const shares = weights.map(BigInt);
  const total = shares.reduce((left, right) => left + right, 0n);
  if (whole < 0n || shares.some((share) => share < 0n)) throw new MoneyError('Amounts and weights must not be negative');
  if (total === 0n) return weights.map((_, index) => (index === 0 ? amount : 0));
  const parts = shares.map((share) => (whole * share) / total);
  const missing = Number(whole - parts.reduce((left, right) => left + right, 0n));
  const byRemainder = shares
    .map((share, index) => ({ index, remainder: (whole * share) % total }))
    .sort((a, b) => (a.remainder === b.remainder ? a.index - b.index : a.remainder > b.remainder ? -1 : 1));
  for (const { index } of byRemainder.slice(0, missing)) parts[index]! += 1n;
  return parts.map(Number);
}
