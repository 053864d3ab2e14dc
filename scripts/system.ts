import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { searchAttributeRegistry } from '#domain/names/search-attributes.ts';
import { describeSystem, writeDevFile } from './parts/dev-file.ts';
import type { DevFile } from './parts/dev-file.ts';
import type { PartFailure } from './parts/part-failure.ts';
import { mailboxPart } from './parts/mailbox.ts';
import { makePlan, planPorts } from './parts/plan.ts';
import type { Plan } from './parts/plan.ts';
import { answers, until } from './parts/part.ts';
import type { Part } from './parts/part.ts';
import { createDatabase, preparePostgres } from './parts/postgres.ts';
import { consoleReporter, silentReporter } from './parts/progress.ts';
import type { Reporter } from './parts/progress.ts';
import { RunRecord } from './parts/run-file.ts';
import { run } from './parts/run.ts';
import { loadSecrets } from './parts/secrets.ts';
import type { Secrets } from './parts/secrets.ts';
import { apiPart, root, sandboxPart, workerPart } from './parts/services.ts';
import { Supervisor } from './parts/supervisor.ts';
import type { SupervisorEvent, SupervisorOptions } from './parts/supervisor.ts';
import { temporalExecutable } from './parts/temporal-source.ts';
import { prepareNamespace, temporalPart } from './parts/temporal.ts';

export interface SystemOptions {
  /** Keeps all state; a system of its own for each folder. */
  directory: string;
  /** `usual` takes 3000, 7233, … where they are free; `free` avoids them. Default `free`. */
  ports?: 'free' | 'usual';
  /** Says nothing. Default true. */
  quiet?: boolean;
  /** Variables over the chosen ones; given, the process's own switches (DATABASE_URL, …) have no effect. */
  env?: NodeJS.ProcessEnv;
  supervisor?: Pick<SupervisorOptions, 'maxRestarts' | 'stableMs' | 'backoffMs'>;
  /** Stops the start where it is. */
  signal?: AbortSignal;
}

export interface RunningSystem {
  /** As in dev.json; `pids` follows restarts. */
  dev: DevFile;
  /** Environment that every process got. */
  env: NodeJS.ProcessEnv;
  /** Stops all parts in reverse order; safe to call twice. */
  stop(): Promise<void>;
  /** Ends all parts at once. */
  killAll(): void;
  /** Kills a part as a crash would (SIGKILL unless told); answers the process id that it had. */
  kill(part: string, signal?: NodeJS.Signals): number;
  /** Resolves when the part is ready again after its process `oldPid` was killed. */
  restarted(part: string, oldPid: number, timeoutMs?: number): Promise<void>;
  /** Restarts of one part, or of all. */
  restartCount(part?: string): number;
  /** Settles only when a part was given up; everything is stopped by then. */
  failed: Promise<PartFailure>;
}

const switches = /^(DATABASE_|TEMPORAL_|STRIPE_|SMTP_URL|MAIL_FROM|PERDURA_|API_|PUBLIC_URL|ADMIN_|WORKER_|SEED_|LOG_LEVEL)/;

/**
 * Starts a complete system in a folder: Postgres, Temporal, sandbox, mailbox, API, worker, and the demo tenant. Several
 * may run side by side, each in its own folder.
 * @throws EnvironmentError naming a variable; AlreadyRunning; PartFailure naming the part that did not start. What had
 *   started is stopped by then.
 */
export async function startSystem(options: SystemOptions): Promise<RunningSystem> {
  const directory = resolve(options.directory);
  const reporter = (options.quiet ?? true) ? silentReporter : consoleReporter();
  const inherited = Object.entries(process.env).filter(([name]) => !options.env || !switches.test(name));
  const given = { ...Object.fromEntries(inherited), ...options.env };

  await mkdir(directory, { recursive: true });
  const record = new RunRecord(join(directory, 'run.json'));
  await record.take();
  let supervisor: Supervisor | undefined;
  let saving = Promise.resolve();
  try {
    const secrets = await loadSecrets(join(directory, 'secrets.json'));
    const plan = makePlan(await planPorts(directory, options.ports ?? 'free'), secrets, given);
    const dev = describeSystem(plan, secrets);
    supervisor = new Supervisor({ ...options.supervisor, logs: join(directory, 'logs'), onEvent });
    const parts = supervisor;
    options.signal?.addEventListener('abort', () => void parts.stop(), { once: true });
    await Promise.race([
      startParts({ directory, plan, secrets, reporter, supervisor, signal: options.signal }),
      parts.failed.then((failure) => Promise.reject(failure)),
    ]);

    let stopped: Promise<void> | undefined;
    const stop = () => (stopped ??= parts.stop().then(() => end()));
    const end = async () => {
      dev.pids = {};
      save();
      await saving;
      await record.release();
    };
    void parts.failed.then(stop);
    return {
      dev,
      env: plan.env,
      stop,
      killAll: () => parts.killAll(),
      kill: (part, signal) => parts.kill(part, signal),
      // dev.json is written behind the event: whoever waits for a restart reads it next.
      restarted: async (part, oldPid, timeoutMs) => {
        await parts.restarted(part, oldPid, timeoutMs);
        await saving;
      },
      restartCount: (part) => parts.restartCount(part),
      failed: parts.failed,
    };

    // One write after the other: two at once would rename each other's file away.
    function save(): void {
      saving = saving.then(() => writeDevFile(directory, dev));
    }

    function onEvent(event: SupervisorEvent): void {
      if (event.type === 'started') {
        dev.pids = { ...dev.pids, [event.part]: event.pid };
        void record.note(event.part, event.pid);
        save();
        if (event.restarts > 0) reporter.line(`✓ ${event.part} runs again (process ${event.pid})`);
      } else if (event.type === 'died') {
        reporter.line(`! ${event.part} ${event.how}; restart ${event.attempt} in ${event.restartInMs / 1000} s`);
      }
    }
  } catch (error) {
    await supervisor?.stop();
    await record.release();
    throw error;
  }
}

interface Start {
  directory: string;
  plan: Plan;
  secrets: Secrets;
  reporter: Reporter;
  supervisor: Supervisor;
  signal: AbortSignal | undefined;
}

async function startParts({ directory, plan, secrets, reporter, supervisor, signal }: Start): Promise<void> {
  const { env, ports, real } = plan;
  const step = async (label: string, work: () => Promise<void>) => {
    signal?.throwIfAborted();
    await reporter.step(label, work);
  };
  const start = (label: string, part: Part) => step(label, () => supervisor.start(part));
  const script = (label: string, ...args: string[]) =>
    step(label, async () => void (await run(process.execPath, args, { cwd: root, env, signal })));

  if (!real.postgres) {
    await step(`Postgres on port ${ports.postgres}`, async () => {
      const wanted = join(directory, 'postgres');
      const cluster = await preparePostgres({ directory: wanted, port: ports.postgres, password: secrets.databasePassword });
      if (cluster.directory !== wanted) {
        reporter.line(`  Postgres runs as the user postgres, who can't enter this folder: its data is in ${cluster.directory}`);
      }
      await supervisor.start(cluster.part);
      await createDatabase(cluster, 'perdura', secrets.databasePassword);
    });
  }
  await script('Migrations', 'entities/migrate.ts', 'up');

  if (real.temporal) {
    await step(`Temporal at ${env.TEMPORAL_ADDRESS}`, () => prepareNamespace(env, searchAttributeRegistry));
  } else {
    const executable = await temporalExecutable(reporter, signal);
    const databaseFile = join(directory, 'temporal.db');
    const { temporal: port, temporalUi: uiPort } = ports;
    const namespace = env.TEMPORAL_NAMESPACE;
    const codecEndpoint = `${plan.apiUrl}/codec`;
    await start(`Temporal on port ${port}`, temporalPart({ executable, port, uiPort, databaseFile, namespace, searchAttributes: searchAttributeRegistry, codecEndpoint }));
  }
  if (!real.stripe) await start(`Sandbox on port ${ports.sandbox}`, sandboxPart(plan, directory));
  if (!real.mail) {
    const mailbox = mailboxPart({ directory: join(directory, 'mail'), smtpPort: ports.smtp, webPort: ports.mailbox });
    await start(`Mailbox on port ${ports.mailbox}`, mailbox);
  }
  await start(`API at ${plan.apiUrl}`, apiPart(plan));
  await start('Worker', workerPart(plan));
  await script('Demo tenant and catalogue', 'scripts/seed.ts');
  await step('Ready for orders', async () => {
    if (await until(answers(`${plan.apiUrl}/readyz`), 60_000, signal)) return;
    signal?.throwIfAborted();
    const response = await fetch(`${plan.apiUrl}/readyz`);
    throw new Error(`${plan.apiUrl}/readyz says ${response.status} after 60 s: ${await response.text()}`);
  });
}
