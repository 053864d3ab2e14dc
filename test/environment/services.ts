import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { searchAttributeRegistry } from '#domain/names/search-attributes.ts';
import { choosePorts } from '#scripts/parts/ports.ts';
import { asSuperuser, createDatabase, preparePostgres } from '#scripts/parts/postgres.ts';
import type { EmbeddedPostgres } from '#scripts/parts/postgres.ts';
import { silentReporter } from '#scripts/parts/progress.ts';
import { isAlive } from '#scripts/parts/processes.ts';
import { run } from '#scripts/parts/run.ts';
import { Supervisor } from '#scripts/parts/supervisor.ts';
import { temporalExecutable } from '#scripts/parts/temporal-source.ts';
import { temporalPart } from '#scripts/parts/temporal.ts';
import { startSystem } from '#scripts/system.ts';
import type { RunningSystem } from '#scripts/system.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const template = 'perdura_template';

/** Namespace of the Temporal server that the suites share. */
export const testNamespace = 'perdura';

const prefix = 'perdura-test-';

export interface DatabaseAddress {
  name: string;
  /** The application login. */
  url: string;
  /** The login that migrates. */
  ownerUrl: string;
}

/**
 * What all suites of one test run share: one Postgres and one Temporal server, each started when the first test asks
 * for it. Test processes reach it over HTTP, since jest runs each suite in a process of its own.
 */
export class TestServices {
  readonly #password = randomBytes(12).toString('hex');
  #folder?: Promise<string>;
  #supervisor?: Promise<Supervisor>;
  #postgres?: Promise<EmbeddedPostgres>;
  #temporal?: Promise<string>;
  #server?: Server;
  #databases = 0;
  #system?: Promise<RunningSystem>;
  /** Settles when the file that has the system gives it back. */
  #turn = Promise.resolve();
  #endTurn = () => undefined as void;

  /** Starts to listen; answers the address for `PERDURA_TEST_SERVICES`. */
  async listen(): Promise<string> {
    const routes: Record<string, (body: string) => Promise<unknown>> = {
      '/databases': () => this.#createDatabase(),
      '/databases/drop': (name) => this.#dropDatabase(name),
      '/temporal': () => (this.#temporal ??= this.#startTemporal()),
      '/systems/take': () => this.#takeSystem(),
      '/systems/release': async () => this.#endTurn(),
    };
    this.#server = createServer(async (request, response) => {
      // A suite on a busy machine may reuse a kept connection in the moment in which this side gives it up.
      response.shouldKeepAlive = false;
      try {
        let body = '';
        for await (const chunk of request.setEncoding('utf8')) body += chunk;
        const route = routes[request.url ?? ''];
        if (!route) throw new Error(`There is no ${request.url}`);
        response.end(JSON.stringify((await route(body)) ?? null));
      } catch (error) {
        response.statusCode = 500;
        response.end((error as Error).message);
      }
    });
    await new Promise<void>((resolve) => this.#server?.listen(0, '127.0.0.1', resolve));
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('The test services have no port.');
    return `http://127.0.0.1:${address.port}`;
  }

  async stop(): Promise<void> {
    this.#server?.closeAllConnections();
    this.#server?.close();
    if (!this.#folder) return;
    await (await this.#system?.catch(() => undefined))?.stop();
    const folder = await this.#folder;
    await (await this.#supervisor)?.stop();
    await rm(folder, { recursive: true, force: true });
    const cluster = await this.#postgres?.catch(() => undefined);
    if (cluster) await rm(cluster.directory, { recursive: true, force: true });
  }

  #home(): Promise<string> {
    return (this.#folder ??= removeLeftovers().then(async () => {
      const folder = await mkdtemp(join(tmpdir(), `${prefix}${process.pid}-`));
      // Postgres' own user must be able to enter when the tests run as root.
      await run('chmod', ['711', folder]);
      return folder;
    }));
  }

  async #parts(): Promise<Supervisor> {
    return (this.#supervisor ??= this.#home().then((folder) => new Supervisor({ logs: join(folder, 'logs') })));
  }

  async #startPostgres(): Promise<EmbeddedPostgres> {
    const { port } = await choosePorts({ port: [] });
    const cluster = await preparePostgres({
      directory: join(await this.#home(), 'postgres'),
      port,
      password: this.#password,
      // Nobody needs these rows after a crash.
      settings: { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', shared_buffers: '128MB' },
    });
    await (await this.#parts()).start(cluster.part);
    await createDatabase(cluster, template, this.#password);
    await run(process.execPath, ['entities/migrate.ts', 'up'], {
      cwd: root,
      env: {
        ...process.env,
        NODE_OPTIONS: '',
        DATABASE_URL: cluster.url('perdura', template),
        DATABASE_OWNER_URL: cluster.url('perdura_migrator', template),
      },
    });
    return cluster;
  }

  async #createDatabase(): Promise<DatabaseAddress> {
    const cluster = await (this.#postgres ??= this.#startPostgres());
    const name = `perdura_test_${(this.#databases += 1)}`;
    await asSuperuser(cluster, (client) =>
      client.query(`create database ${name} template ${template} owner perdura_migrator strategy file_copy`),
    );
    return { name, url: cluster.url('perdura', name), ownerUrl: cluster.url('perdura_migrator', name) };
  }

  async #dropDatabase(name: string): Promise<void> {
    const cluster = await this.#postgres;
    if (!cluster) return;
    await asSuperuser(cluster, (client) =>
      client.query(`drop database if exists ${client.escapeIdentifier(name)} with (force)`),
    );
  }

  /** One system for all end-to-end files, one file at a time: they kill its parts and switch its provider's faults. */
  async #takeSystem(): Promise<string> {
    const before = this.#turn;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#turn = promise;
    await before;
    this.#endTurn = resolve;
    const directory = join(await this.#home(), 'system');
    await (this.#system ??= startSystem({ directory, env: {}, supervisor: { maxRestarts: 100 } }));
    return directory;
  }

  async #startTemporal(): Promise<string> {
    const executable = await temporalExecutable(silentReporter);
    const { port } = await choosePorts({ port: [] });
    await (await this.#parts()).start(temporalPart({ executable, port, namespace: testNamespace, searchAttributes: searchAttributeRegistry }));
    return `127.0.0.1:${port}`;
  }
}

/** Removes the folders of runs that were killed before they could. */
async function removeLeftovers(): Promise<void> {
  for (const name of (await readdir(tmpdir())).filter((entry) => entry.startsWith(prefix))) {
    const pid = Number(name.slice(prefix.length).split('-')[0]);
    if (!pid || (await isAlive(pid))) continue;
    await rm(join(tmpdir(), name), { recursive: true, force: true });
  }
}
