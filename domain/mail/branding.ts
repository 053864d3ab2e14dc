/** How a tenant's mails look: `settings.branding`, each key optional. */
export interface Branding {
  /** `#rrggbb` of headings and buttons. */
  color: string;
  /** Black or white, whichever reads better on `color`. */
  textOnColor: '#000000' | '#ffffff';
  /** https only: mail clients block the rest. */
  logoUrl: string | null;
  /** Where answers go; shown in the footer and used as Reply-To. */
  supportEmail: string | null;
  /** Legal or postal address, one line, for the footer. */
  imprint: string | null;
  /** Where a customer sees an order; `{order_id}` and `{number}` are replaced. */
  orderUrl: string | null;
  /** BCP 47, for money and dates. */
  locale: string;
  /** IANA zone, for dates. */
  timeZone: string;
}

const defaultColor = '#1f4f82';

/**
 * Reads a tenant's branding. What is malformed falls back to the default instead of failing: a typo in a
 * colour must not hold up a receipt, and nothing unchecked reaches a style or a link.
 */
export function readBranding(settings: Record<string, unknown>): Branding {
  const given = isRecord(settings.branding) ? settings.branding : {};
  const color = pick(given.color, (text) => /^#[0-9a-f]{6}$/i.test(text)) ?? defaultColor;
  return {
    color,
    textOnColor: luminance(color) > 0.179 ? '#000000' : '#ffffff',
    logoUrl: pick(given.logoUrl, isHttps),
    supportEmail: pick(given.supportEmail, (text) => /^[^\s@<>"]+@[^\s@<>"]+$/.test(text)),
    imprint: pick(given.imprint, (text) => text.trim() !== ''),
    orderUrl: pick(given.orderUrl, isHttps),
    locale: pick(given.locale, isLocale) ?? 'en-US',
    timeZone: pick(given.timeZone, isTimeZone) ?? 'UTC',
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function pick(value: unknown, accepts: (text: string) => boolean): string | null {
  return typeof value === 'string' && accepts(value) ? value : null;
}

function isHttps(text: string): boolean {
  return URL.canParse(text) && new URL(text).protocol === 'https:';
}

function isLocale(text: string): boolean {
  try {
    return Intl.getCanonicalLocales(text).length === 1;
  } catch {
    return false;
  }
}

function isTimeZone(text: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: text }).format(0) !== '';
  } catch {
    return false;
  }
}

/** Relative luminance by WCAG 2.2; above 0.179 black has more contrast than white. */
function luminance(color: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((start) => {
    const channel = parseInt(color.slice(start, start + 2), 16) / 255;
    return channel <= 0.03928 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
