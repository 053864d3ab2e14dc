/** Whether a key of Stripe's is one of its test mode, a restricted one included. */
export function isTestKey(key: string): boolean {
  return /^(sk|rk)_test_/.test(key);
}
