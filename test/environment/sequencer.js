import Sequencer from '@jest/test-sequencer';

/**
 * Spreads the end-to-end files over the run. They take turns at one system: two at once, and a process only waits.
 * What takes long goes first within both kinds, as jest has it.
 */
export default class Spread extends Sequencer {
  sort(tests) {
    const sorted = super.sort(tests);
    const endToEnd = sorted.filter(({ path }) => path.endsWith('.e2e.test.ts'));
    const others = sorted.filter((test) => !endToEnd.includes(test));
    const between = Math.ceil(others.length / Math.max(1, endToEnd.length));
    return endToEnd.flatMap((test, turn) => [test, ...others.slice(turn * between, (turn + 1) * between)]).concat(endToEnd.length ? [] : others);
  }
}
