import { afterEach, describe, expect, it } from '@jest/globals';
import { workflowIds } from '#domain/names/workflow-ids.ts';
import { testKeyRing, type OrderWorld, until } from '#test/support/order-world.ts';
import { sampleId, sampleScope } from '#test/support/sample-order.ts';
import { useOrderWorld } from '#test/support/use-order-world.ts';
import { createRedelivery } from '#worker/redeliver.ts';

const ship = { shipmentId: sampleId('shipment', 1), carrier: 'ups', trackingNumber: '1Z' };
const forEver = 1_000_000;

describe('a step that its rows refuse', () => {
  let world: OrderWorld;
  useOrderWorld((started) => (world = started));
  afterEach(() => {
    world.rows.refusals = 0;
    world.rows.shown.length = 0;
  });

  it('is written a moment later where another attempt was in its way, and nobody is told', async () => {
    const order = await world.place();
    world.rows.refusals = 1;
    expect(await order.send('ship', ship)).toMatchObject({ outcome: 'done', status: 'shipped' });
    expect(world.rows.shown).toEqual([]);
    await order.send('deliver');
    await order.send('complete');
    await order.result();
  });

  it('keeps its turn and shows that it needs a person; mended, it goes on at the word of an operator, with one capture', async () => {
    const order = await world.place();
    const captures = world.provider.count('capturePayment');
    world.rows.refusals = forEver;
    const shipping = await order.handle.startUpdate<{ outcome: string }, [object]>('ship', { args: [{ actor: 'key:test', ...ship }], waitForStage: 'ACCEPTED' });
    const delivering = await order.handle.startUpdate<{ outcome: string }, [object]>('deliver', { args: [{ actor: 'key:test' }], waitForStage: 'ACCEPTED' });
    // Minute 1: tried a second time, refused again.
    await world.environment.sleep('2s');
    await until(() => world.rows.shown.length > 0);
    expect(world.rows.shown).toEqual([{ orderId: order.id, code: 'write_refused' }]);
    const { searchAttributes } = await order.handle.describe();
    expect(searchAttributes).toMatchObject({ NeedsAttention: [true], ReasonCode: ['write_refused'] });
    // Hour 3: an operator tries too early, and hears why not.
    await world.environment.sleep('3h');
    const early = await order.send('resolve', { resolution: 'dismiss' });
    expect(early).toMatchObject({ outcome: 'rejected', refusal: { detail: "It can't be written: SQLSTATE 23514" } });
    expect(order.state().status).toBe('confirmed');
    // What comes behind it is refused for now; what was taken in before is kept, and brought again.
    expect(await order.send('hold')).toMatchObject({ outcome: 'rejected', refusal: { code: 'order_busy' } });
    const redeliver = createRedelivery(world.environment.client, testKeyRing);
    const taken = {
      scope: sampleScope, operation: 'order.hold', idempotencyKey: 'busy', resourceId: order.id, workflowId: workflowIds.order(order.id),
      inputSealed: testKeyRing.seal({ actor: 'key:test' }, order.id),
    };
    expect(await redeliver(taken)).toBe('busy');
    // Then the row is mended.
    world.rows.refusals = 0;
    expect(await order.send('resolve', { resolution: 'retry' })).toMatchObject({ outcome: 'done' });
    expect(await shipping.result()).toMatchObject({ outcome: 'done' });
    expect(await delivering.result()).toMatchObject({ outcome: 'done', status: 'delivered' });
    expect(world.provider.count('capturePayment') - captures).toBe(1);
    expect(world.rows.shown).toHaveLength(1);
    expect((await order.handle.describe()).searchAttributes.NeedsAttention?.[0] ?? null).toBeNull();
    expect(await redeliver(taken)).toBe('arrived');
    await order.send('complete');
    await order.result();
  });

  it('because a restore has set them back waits for them to be written again', async () => {
    const order = await world.place();
    const before = order.state();
    await order.send('process');
    world.rows.orders.get(order.id)!.state = before;
    const holding = order.handle.startUpdate<{ outcome: string }, [object]>('hold', { args: [{ actor: 'key:test' }], waitForStage: 'ACCEPTED' });
    await world.environment.sleep('2s');
    await until(() => world.rows.shown.length > 0);
    expect(await order.send('reproject')).toMatchObject({ outcome: 'done' });
    expect(await (await holding).result()).toMatchObject({ outcome: 'done', status: 'on_hold' });
    await order.send('cancel');
    await order.result();
  });

  it('goes on by itself within the hour, also where the order could not even be opened', async () => {
    const taken = await world.takeIn();
    world.rows.refusals = 3;
    const placing = world.attach(taken);
    await until(() => world.rows.refusals === 2);
    await world.environment.sleep('2s');
    await until(() => world.rows.shown.length === 1 && world.rows.refusals === 1);
    await world.environment.sleep('10m');
    expect((await placing).outcome).toMatchObject({ outcome: 'confirmed' });
    const order = await placing;
    expect((await order.handle.describe()).searchAttributes.NeedsAttention?.[0] ?? null).toBeNull();
    await order.send('cancel');
    await order.result();
  });
});
