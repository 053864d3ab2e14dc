/** Whose process it is, and in which of the two worlds: travels with every workflow and activity. */
export interface TenantRef {
  tenantId: string;
  livemode: boolean;
}

/**
 * What a tenant may set. Times in seconds.
 */
export interface TenantSettings {
  /** Unpaid orders expire after this. */
  paymentWindowSeconds: number;
  /** After delivery, for how long the order's workflow stays open. */
  returnWindowSeconds: number;
  /** How the second and later shipments are paid where the provider captures once only. */
  splitCapture: 'capture_all' | 'reauthorize';
  /** What happens shortly before an authorisation lapses. */
  authorizationLapse: 'capture' | 'renew' | 'announce';
  /** How long before `capture_before` that happens. */
  lapseMarginSeconds: number;
  /** Flat tax rate in millionths (75 000 = 7.5 %), on goods and shipping; 0 = none. */
  taxRateMillionths: number;
  /** Flat shipping charge in minor units by currency; absent = free. */
  shippingAmounts: Record<string, number>;
  /** Where notifications to the merchant go; none = they are recorded but not mailed. */
  notificationEmail?: string;
}

/** What holds where a tenant has set nothing. */
export const defaultSettings: TenantSettings = {
  paymentWindowSeconds: 24 * 3600,
  returnWindowSeconds: 30 * 24 * 3600,
  splitCapture: 'capture_all',
  authorizationLapse: 'renew',
  lapseMarginSeconds: 24 * 3600,
  taxRateMillionths: 0,
  shippingAmounts: {},
};
