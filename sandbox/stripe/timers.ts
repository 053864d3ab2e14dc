import type { Scope, World } from './world.ts';

/** What happens to an object when its time comes. The scope's `now` is the due time, not the later moment. */
export type TimerHandler = (scope: Scope, objectId: string) => void;

/** Things that happen by themselves: an authorisation lapses, a pending refund settles. Durable. */
export class Timers {
  readonly #world: World;
  readonly #handlers = new Map<string, TimerHandler>();

  constructor(world: World) {
    this.#world = world;
  }

  /** Says what a kind of timer does. */
  on(kind: string, handler: TimerHandler): void {
    this.#handlers.set(kind, handler);
  }

  /** Sets (or moves) an object's timer of this kind; `due` in sandbox seconds. */
  schedule(scope: Scope, objectId: string, kind: string, due: number): void {
    this.#world.db.run(
      `INSERT INTO timers (object, kind, account, due) VALUES (?, ?, ?, ?)
       ON CONFLICT (object, kind) DO UPDATE SET due = excluded.due`,
      objectId, kind, scope.account, due,
    );
  }

  /** Takes a timer away. */
  cancel(objectId: string, kind: string): void {
    this.#world.db.run('DELETE FROM timers WHERE object = ? AND kind = ?', objectId, kind);
  }

  /** Runs what is due, oldest first, each in a transaction of its own. Answers how many ran. */
  runDue(): number {
    const { db, clock } = this.#world;
    for (let count = 0; ; count++) {
      const row = db.get('SELECT object, kind, account, due FROM timers WHERE due <= ? ORDER BY due LIMIT 1', clock.now());
      if (!row) return count;
      db.transaction(() => {
        this.cancel(row.object as string, row.kind as string);
        const scope: Scope = {
          world: this.#world,
          account: row.account as string,
          now: row.due as number,
          request: { id: null, idempotency_key: null },
        };
        this.#handlers.get(row.kind as string)?.(scope, row.object as string);
      });
    }
  }
}
