/** A connection's capabilities as its row and the API carry them. */
export interface ConnectionCapabilities {
  /** An authorisation can be captured in several parts. Stripe grants it per account, and not by default. */
  multicapture: boolean;
  /** An authorisation can be raised. */
  incremental_authorization: boolean;
  /** Payments may stay in processing for days (bank debits). */
  delayed_methods: boolean;
  /** Calls per second that the account may make. */
  requests_per_second: number;
}

/** What a new account at Stripe can do; 25 and 100 are its published limits in test and live mode. */
export function stripeCapabilities(livemode: boolean): ConnectionCapabilities {
  return {
    multicapture: false,
    incremental_authorization: false,
    delayed_methods: false,
    requests_per_second: livemode ? 100 : 25,
  };
}
