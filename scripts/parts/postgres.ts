import { chown, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import pg from 'pg';
import { exists } from './cache.ts';
import { clusterFolder, postgresBinaries, postgresUser } from './postgres-source.ts';
import { stopProcess } from './processes.ts';
import { run } from './run.ts';
import type { Part } from './part.ts';

export interface PostgresOptions {
  /** Where the cluster is wanted; `EmbeddedPostgres.directory` says where it is. */
  directory: string;
  port: number;
  /** Password of the superuser, the owner and the application login. */
  password: string;
  /** Settings beside the defaults, e.g. { fsync: 'off' } for throw-away clusters. */
  settings?: Record<string, string>;
}

export interface EmbeddedPostgres {
  part: Part;
  directory: string;
  /** Address of a database for a login. */
  url(login: PostgresLogin, database: string): string;
}

/** `postgres` is the superuser, `perdura_migrator` owns the database and migrates, `perdura` is the application. */
export type PostgresLogin = 'postgres' | 'perdura_migrator' | 'perdura';

/** Address of a database of an embedded cluster, known before it runs. */
export function postgresUrl(
  cluster: { port: number; password: string },
  login: PostgresLogin,
  database: string,
): string {
  return `postgres://${login}:${cluster.password}@127.0.0.1:${cluster.port}/${database}`;
}

const durable: Record<string, string> = {
  fsync: 'on',
  synchronous_commit: 'on',
  max_connections: '200',
  shared_buffers: '256MB',
  wal_compression: 'on',
  max_wal_size: '2GB',
  checkpoint_completion_target: '0.9',
  // Nothing but the loopback address, and no socket in /tmp that another checkout could meet.
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  log_min_duration_statement: '1000',
  timezone: 'UTC',
  // The system's libraries beside ours can't be relied on for just-in-time compilation.
  jit: 'off',
};

/**
 * Prepares Postgres 17 from npm in a folder (initialises the cluster at the first time) and says how to run it.
 * Committed data survives SIGKILL and power loss (fsync and synchronous_commit stay on).
 */
export async function preparePostgres(options: PostgresOptions): Promise<EmbeddedPostgres> {
  const user = await postgresUser();
  const binaries = await postgresBinaries(user);
  const directory = await clusterFolder(options.directory, user);
  if (directory !== options.directory) await adoptFolder(options.directory, directory);
  if (!(await exists(join(directory, 'PG_VERSION')))) await initialise(directory, binaries.initdb, options.password);
  const settings = { ...durable, ...options.settings };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const url = (login: PostgresLogin, database: string) => postgresUrl(options, login, database);
  return {
    directory,
    url,
    part: {
      name: 'postgres',
      command: binaries.postgres,
      args: ['-D', directory, '-p', String(options.port), ...flags],
      // Postgres wants a working folder that its user can enter.
      cwd: directory,
      ...user,
      prepare: () => clearLeftover(directory),
      ready: () => accepts(url('postgres', 'postgres')),
      // Fast shutdown: connections are ended, nothing is lost, no recovery at the next start.
      stopSignal: 'SIGINT',
      graceMs: 20_000,
    },
  };

  async function initialise(target: string, initdb: string, password: string): Promise<void> {
    const partial = `${target}.initialising`;
    const passwordFile = `${target}.password`;
    await mkdir(dirname(target), { recursive: true });
    await rm(partial, { recursive: true, force: true });
    await mkdir(partial, { recursive: true, mode: 0o700 });
    await writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
    if (user.uid !== undefined && user.gid !== undefined) {
      await chown(partial, user.uid, user.gid);
      await chown(passwordFile, user.uid, user.gid);
    }
    try {
      await run(
        initdb,
        [
          `--pgdata=${partial}`, '--username=postgres', `--pwfile=${passwordFile}`, '--auth=scram-sha-256',
          '--encoding=UTF8', '--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--locale=C', '--data-checksums',
        ],
        { ...user, cwd: partial, env: { PATH: process.env.PATH, LC_ALL: 'C' } },
      );
      await rm(target, { recursive: true, force: true });
      await rename(partial, target);
    } finally {
      await rm(passwordFile, { force: true });
    }
  }
}

/**
 * A cluster outside the wanted folder is named in a file there. Without that file it belongs to a checkout that was
 * deleted since: its password and key ring are gone, so it can't be read any more and makes room.
 */
async function adoptFolder(wanted: string, actual: string): Promise<void> {
  if (await exists(`${wanted}.location`)) return;
  await clearLeftover(actual);
  await rm(actual, { recursive: true, force: true });
  await mkdir(dirname(wanted), { recursive: true });
  await writeFile(`${wanted}.location`, `${actual}\n`);
}

/**
 * Makes the roles, the logins and an empty database, each if it is missing. The application login can't pass
 * row-level security and owns nothing; the migrating one is no superuser either, as in production.
 */
export async function createDatabase(cluster: EmbeddedPostgres, database: string, password: string): Promise<void> {
  await asSuperuser(cluster, async (client) => {
    const roles = await client.query<{ rolname: string }>('select rolname from pg_roles');
    const verb = (role: string) => (roles.rows.some(({ rolname }) => rolname === role) ? 'alter' : 'create');
    const secret = client.escapeLiteral(password);
    for (const role of ['perdura_owner', 'perdura_app']) await client.query(`${verb(role)} role ${role} nologin`);
    await client.query(`${verb('perdura_migrator')} role perdura_migrator login createrole password ${secret}`);
    await client.query(`${verb('perdura')} role perdura login nosuperuser nobypassrls password ${secret}`);
    await client.query('grant perdura_owner, perdura_app to perdura_migrator with admin option');
    await client.query('grant perdura_app to perdura');
    const found = await client.query('select 1 from pg_database where datname = $1', [database]);
    if (!found.rowCount) await client.query(`create database ${client.escapeIdentifier(database)} owner perdura_migrator`);
  });
}

/** Runs statements on the cluster's maintenance database as its superuser. */
export async function asSuperuser<T>(cluster: EmbeddedPostgres, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: cluster.url('postgres', 'postgres') });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

async function accepts(connectionString: string): Promise<boolean> {
  const client = new pg.Client({ connectionString, connectionTimeoutMillis: 2_000 });
  client.on('error', () => undefined);
  await client.connect();
  await client.query('select 1');
  await client.end();
  return true;
}

/**
 * After SIGKILL the pid file stays. A server that still runs in this folder was left behind by a starter that is gone,
 * and is stopped. Postgres itself ignores the file when the process is gone, but not when its number now belongs to
 * another program of the same user; then the file must go.
 */
async function clearLeftover(directory: string): Promise<void> {
  const file = join(directory, 'postmaster.pid');
  const pid = Number((await readFile(file, 'utf8').catch(() => '')).split('\n')[0]);
  if (!pid) return;
  const command = await run('ps', ['-o', 'command=', '-p', String(pid)]).catch(() => '');
  if (command.includes(directory)) await stopProcess(pid, 'SIGINT', 10_000);
  else await rm(file, { force: true });
}
