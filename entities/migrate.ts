import { openOwnerDatabase } from './database.ts';

/** `node entities/migrate.ts up|down|pending`: moves the schema, as the owner login. */
const command = process.argv[2] ?? 'up';
const url = process.env.DATABASE_OWNER_URL ?? process.env.DATABASE_URL;
if (!url) throw new Error('DATABASE_OWNER_URL or DATABASE_URL is missing: Postgres, as the login that migrates.');

const orm = await openOwnerDatabase(url);
try {
  if (command === 'up') await orm.migrator.up();
  else if (command === 'down') await orm.migrator.down();
  else if (command === 'pending') process.stdout.write(`${JSON.stringify(await orm.migrator.getPending())}\n`);
  else throw new Error(`Unknown command ${command}: use up, down or pending`);
} finally {
  await orm.close(true);
}
