/** A postal address; country is ISO 3166-1 alpha-2, region ISO 3166-2 without the country where it has one. */
export interface Address {
  name: string;
  line1: string;
  line2?: string;
  city: string;
  region?: string;
  postalCode?: string;
  country: string;
}

/**
 * Who ordered and where it goes: personal data, kept sealed in the order's row (context = order id) and never
 * in a workflow's payload.
 */
export interface OrderContact {
  email: string;
  name: string;
  shippingAddress: Address;
  billingAddress?: Address;
}
