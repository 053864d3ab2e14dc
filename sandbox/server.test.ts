import { expect, it } from '@jest/globals';
import { startSandbox } from './server.ts';
import { clientFor } from './testing/client.ts';

it('sends customers to the address that they can reach, wherever it listens', async () => {
  const sandbox = await startSandbox({ host: '127.0.0.1', databasePath: ':memory:', publicUrl: 'https://pay.example.test/' });
  try {
    const intent = await clientFor(sandbox.url).paymentIntents.create({
      amount: 900, currency: 'usd', confirm: true, payment_method: 'pm_card_threeDSecure2Required', allowed_payment_method_types: ['card'],
      return_url: 'https://shop.example.test/done',
    });
    expect(intent.next_action?.redirect_to_url?.url).toBe(`https://pay.example.test/3ds/${intent.id}`);
  } finally {
    await sandbox.close();
  }
});
