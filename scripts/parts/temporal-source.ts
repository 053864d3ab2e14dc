import { chmod, readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cacheFolder, exists, makeOnce } from './cache.ts';
import { run, works } from './run.ts';
import type { Reporter } from './progress.ts';

/** Kept equal to `scripts/temporal/go.mod`; a test holds both together. */
export const temporalVersion = '1.5.1';
/** Oldest server whose Update-with-Start and worker deployments this project relies on. */
const oldestServer = [1, 29] as const;

/** What `go list -deps` counts, for the progress. */
const packageCount = 1298;
const moduleFolder = fileURLToPath(new URL('../temporal', import.meta.url));

/** Whether `temporal --version` names a server that is new enough, e.g. "… (Server 1.29.1, UI 2.42.1)". */
export function isNewEnough(versionLine: string): boolean {
  const match = /Server (\d+)\.(\d+)/.exec(versionLine);
  if (!match) return false;
  const [major, minor] = [Number(match[1]), Number(match[2])];
  return major > oldestServer[0] || (major === oldestServer[0] && minor >= oldestServer[1]);
}

/**
 * Finds or makes the `temporal` program: on PATH, in the cache, built once from `scripts/temporal/go.mod`, or
 * downloaded by Temporal's SDK (which may be another version, and is therefore cached under a name of its own).
 * @param signal ends a build or download; no other source is tried then
 * @returns path (or name) of the executable
 * @throws the signal's reason; Error that names what to install when no source works
 */
export async function temporalExecutable(reporter: Reporter, signal?: AbortSignal): Promise<string> {
  const onPath = await run('temporal', ['--version']).catch(() => undefined);
  if (onPath !== undefined) {
    if (isNewEnough(onPath)) return 'temporal';
    reporter.line(`  temporal on PATH is too old (${onPath.trim()}), so another one is used`);
  }
  const built = join(cacheFolder(), `temporal-v${temporalVersion}`);
  const downloaded = join(cacheFolder(), 'temporal-from-sdk');
  for (const folder of [built, downloaded]) if (await exists(join(folder, 'temporal'))) return join(folder, 'temporal');

  const reasons: string[] = [];
  const go = await findGo();
  if (go) {
    try {
      await reporter.step('Building Temporal, once for this user (about 4 minutes on 2 cores)', (update) =>
        makeOnce(built, (partial) => build(go, join(partial, 'temporal'), update, signal)),
      );
      return join(built, 'temporal');
    } catch (error) {
      signal?.throwIfAborted();
      reasons.push(`go build: ${(error as Error).message}`);
    }
  } else {
    reasons.push('go is not installed');
  }
  try {
    await reporter.step('Downloading Temporal with its SDK', () =>
      makeOnce(downloaded, (partial) => orAborted(download(join(partial, 'temporal'), partial), signal)),
    );
    return join(downloaded, 'temporal');
  } catch (error) {
    signal?.throwIfAborted();
    reasons.push(`download: ${(error as Error).message}`);
  }
  throw new Error(
    'No Temporal server found. Install `temporal` (https://docs.temporal.io/cli), or Go 1.25 so that it is built, ' +
      `or set TEMPORAL_ADDRESS to a running one.\n${reasons.join('\n')}`,
  );
}

/** Go's installer puts it in a folder that not every PATH has. */
async function findGo(): Promise<string | undefined> {
  for (const go of ['go', '/usr/local/go/bin/go']) if (await works(go, ['version'])) return go;
  return undefined;
}

async function build(go: string, target: string, update: (detail: string) => void, signal: AbortSignal | undefined): Promise<void> {
  let compiled = 0;
  // -v names each package when it is compiled: the only progress that `go build` gives.
  await run(
    go,
    ['build', '-v', '-mod=readonly', '-ldflags=-s -w', '-o', target, 'github.com/temporalio/cli/cmd/temporal'],
    {
      cwd: moduleFolder,
      env: { ...process.env, GOFLAGS: '', GOWORK: 'off' },
      onLine: (line) => update(`${(compiled += 1)} of ${packageCount} packages, ${line}`),
      ...(signal ? { signal } : {}),
    },
  );
}

async function download(target: string, folder: string): Promise<void> {
  const { TestWorkflowEnvironment } = await import('@temporalio/testing');
  const environment = await TestWorkflowEnvironment.createLocal({
    server: { executable: { type: 'cached-download', downloadDir: folder } },
  });
  await environment.teardown();
  const file = (await readdir(folder)).find((name) => name.startsWith('temporal'));
  if (!file) throw new Error('the SDK left no executable behind');
  await rename(join(folder, file), target);
  await chmod(target, 0o755);
}

/** The SDK's download knows no end before its own: whoever is told to stop does not wait for it. */
async function orAborted(work: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  if (!signal) return work;
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal.reason as Error);
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort, { once: true });
  try {
    await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
