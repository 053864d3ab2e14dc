import { afterAll, beforeAll, expect } from '@jest/globals';
import { OrderWorld } from './order-world.ts';

/** A world for all stories of a suite. At their end no handler may have been cut off, and no signal left without one. */
export function useOrderWorld(begin: (world: OrderWorld) => void): void {
  let world: OrderWorld;
  beforeAll(async () => {
    world = await OrderWorld.start();
    begin(world);
  });
  afterAll(async () => {
    await world.stop();
    expect(world.warnings).toEqual([]);
  });
}
