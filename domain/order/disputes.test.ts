import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { anyOrder } from '#test/support/random-life.ts';
import { disputeSeen } from './changes/endings.ts';
import { disputeMoves, type DisputeState } from './disputes.ts';

/** The events of one dispute as its provider made them: opened, changed a few times, ended; often several in one second. */
const anyDispute = (ref: string) =>
  fc.array(fc.nat(2), { minLength: 2, maxLength: 6 }).map((waits) => {
    let second = 0;
    return waits.map((wait, index): DisputeState => {
      second += wait;
      return { ref, open: index < waits.length - 1, at: new Date(second * 1000).toISOString() };
    });
  });

it('a dispute that has ended stays so, however its events are mixed and repeated; another one is left alone', () => {
  const lives = fc.tuple(anyDispute('dp_1'), anyDispute('dp_2')).chain(([ended, other]) => {
    const open = other.slice(0, -1);
    return fc.shuffledSubarray([...ended, ...ended, ...open], { minLength: 2 * ended.length + open.length });
  });
  fc.assert(
    fc.property(anyOrder, lives, (first, events) => {
      let state = first;
      for (const event of events) {
        if (disputeMoves(state.disputes ?? [], event)) state = disputeSeen(state, event, 'pay_1', { at: event.at, actor: 'test' }).state;
      }
      expect(state.disputes!.map(({ ref, open }) => [ref, open]).sort()).toEqual([['dp_1', false], ['dp_2', true]]);
      expect([state.disputed, state.attention?.code]).toEqual([true, 'payment_disputed']);
    }),
  );
});
