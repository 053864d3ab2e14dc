import { describe, expect, it, jest } from '@jest/globals';
import { WindowStore } from './limit-store.ts';

const count = (store: WindowStore, key: string) => {
  let current = 0;
  store.incr(key, (_error, result) => (current = result!.current), 60_000);
  return current;
};

describe('the window store', () => {
  it('tells each request of a burst its own number', () => {
    const store = new WindowStore();
    const results: { current: number }[] = [];
    for (let index = 0; index < 5; index += 1) store.incr('a', (_error, result) => results.push(result!), 60_000);
    expect(results.map(({ current }) => current)).toEqual([1, 2, 3, 4, 5]);
  });

  it('counts callers apart, and children too', () => {
    const store = new WindowStore();
    expect([count(store, 'a'), count(store, 'b'), count(store, 'a'), count(store.child(), 'a')]).toEqual([1, 1, 2, 1]);
  });

  it('starts again when the window has ended', () => {
    jest.useFakeTimers({ now: 0 });
    const store = new WindowStore();
    expect([count(store, 'a'), count(store, 'a')]).toEqual([1, 2]);
    jest.setSystemTime(60_001);
    expect(count(store, 'a')).toBe(1);
    jest.useRealTimers();
  });
});
