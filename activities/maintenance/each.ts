export interface Tally {
  done: number;
  failed: number;
}

/** So many at once: enough to hide a round trip, little enough to leave the database to the orders. */
const atOnce = 10;

/** Does the work for each item, some at a time. `work` says whether it went well; it handles its own errors. */
export async function forEachItem<T>(items: readonly T[], work: (item: T) => Promise<boolean>): Promise<Tally> {
  const tally = { done: 0, failed: 0 };
  const open = [...items];
  const run = async () => {
    for (let item = open.shift(); item !== undefined; item = open.shift()) tally[(await work(item)) ? 'done' : 'failed'] += 1;
  };
  await Promise.all(Array.from({ length: atOnce }, run));
  return tally;
}
