import type { NextAction, PaymentMethodSecrets } from '../types.ts';
import type { Scope } from '../world.ts';
import type { TestCard } from './cards.ts';

/** Whether this use of the card asks for 3-D Secure. */
export function needsAuthentication(card: TestCard, secrets: PaymentMethodSecrets, offSession: boolean): boolean {
  switch (card.authentication) {
    case 'always':
      return true;
    case 'unless_set_up':
      return !(offSession && secrets.setUp);
    case 'on_session':
      return !offSession;
    default:
      return false;
  }
}

/** Where the customer goes: a page of the sandbox, on which a person or a test completes or fails it. */
export function authenticationAction(scope: Scope, intentId: string, returnUrl: string | null | undefined): NextAction {
  const url = `${scope.world.baseUrl()}/3ds/${intentId}`;
  return returnUrl
    ? { redirect_to_url: { return_url: returnUrl, url }, type: 'redirect_to_url' }
    : { type: 'use_stripe_sdk', use_stripe_sdk: { stripe_js: url, type: 'three_d_secure_redirect' } };
}
