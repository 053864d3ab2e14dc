import { describe, expect, it } from '@jest/globals';
import { declineMessage, knownDeclineCodes } from './decline-messages.ts';

describe('the words of a decline', () => {
  it('say what happened and what would help', () => {
    expect(declineMessage({ code: 'card_declined', declineCode: 'insufficient_funds' })).toBe(
      'There are not enough funds for this payment. Add funds, or pay with another card or method.',
    );
    expect(declineMessage({ code: 'expired_card', declineCode: 'expired_card' })).toMatch(/^The card has expired\./);
    expect(declineMessage({ code: 'incorrect_cvc' })).toMatch(/security code/);
  });

  it('do not tell a card reported lost or stolen, or a suspected fraud, from any other refusal', () => {
    const plain = declineMessage({ code: 'card_declined', declineCode: 'generic_decline' });
    for (const declineCode of ['lost_card', 'stolen_card', 'pickup_card', 'fraudulent', 'merchant_blacklist', 'highest_risk_level']) {
      expect(declineMessage({ code: 'card_declined', declineCode })).toBe(plain);
    }
  });

  it('never show a code', () => {
    for (const declineCode of [...knownDeclineCodes, 'a_code_of_tomorrow']) {
      expect(declineMessage({ code: 'card_declined', declineCode })).not.toMatch(/_/);
    }
  });

  it('name every code once', () => {
    expect(new Set(knownDeclineCodes).size).toBe(knownDeclineCodes.length);
  });
});
