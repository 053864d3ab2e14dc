import { noSuch } from '../errors.ts';
import { route } from '../route.ts';
import type { Scope } from '../world.ts';

const showAccount = (scope: Scope) => ({
  id: scope.account,
  object: 'account',
  business_profile: null,
  business_type: null,
  capabilities: { card_payments: 'active', transfers: 'active' },
  charges_enabled: true,
  controller: { type: 'account' },
  country: 'US',
  created: 1_600_000_000,
  default_currency: 'usd',
  details_submitted: true,
  email: 'merchant@example.com',
  metadata: {},
  payouts_enabled: true,
  settings: {
    branding: { icon: null, logo: null, primary_color: null, secondary_color: null },
    card_payments: {
      statement_descriptor_prefix: null, statement_descriptor_prefix_kana: null, statement_descriptor_prefix_kanji: null,
    },
    dashboard: { display_name: 'Perdura sandbox', timezone: 'Etc/UTC' },
    payments: {
      statement_descriptor: 'PERDURA SANDBOX', statement_descriptor_kana: null, statement_descriptor_kanji: null,
    },
  },
  type: 'standard',
});

export const accounts = [
  route({ method: 'GET', path: '/account', params: {}, handle: showAccount }),
  route({
    method: 'GET',
    path: '/accounts/:id',
    params: {},
    handle: (call) => {
      if (call.path.id !== call.account) throw noSuch('account', call.path.id as string, 'account', 404);
      return showAccount(call);
    },
  }),
];
