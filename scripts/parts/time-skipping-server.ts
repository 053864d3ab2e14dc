import { copyFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { cacheFolder, exists, makeOnce } from './cache.ts';
import { run, works } from './run.ts';
import type { Reporter } from './progress.ts';

/** Kept equal to `scripts/time-skipping-server/pom.xml`. */
export const testServerVersion = '1.38.0';

const pom = fileURLToPath(new URL('../time-skipping-server/pom.xml', import.meta.url));

/**
 * Finds the time-skipping test server: fetched before, the SDK's own download if it answers, else the
 * Java server from Maven Central.
 * @returns path of an executable, or 'sdk' when the SDK keeps its own download
 * @throws Error that names what to install when no source works
 */
export async function timeSkippingExecutable(reporter: Reporter): Promise<string> {
  const folder = join(cacheFolder(), `temporal-test-server-v${testServerVersion}`);
  const script = join(folder, 'server');
  if (await exists(script)) return script;
  if ((await readdir(tmpdir())).some((name) => name.startsWith('temporal-test-server-sdk-typescript'))) return 'sdk';

  const reasons: string[] = [];
  try {
    await reporter.step('Looking for the time-skipping test server at its download site', async () => {
      const environment = await TestWorkflowEnvironment.createTimeSkipping();
      await environment.teardown();
    });
    return 'sdk';
  } catch (error) {
    reasons.push((error as Error).message);
  }
  if ((await works('java', ['-version'])) && (await works('mvn', ['-version']))) {
    try {
      await reporter.step('Fetching the time-skipping test server from Maven Central, once', () =>
        makeOnce(folder, (partial) => fetchJava(partial, folder)),
      );
      return script;
    } catch (error) {
      reasons.push((error as Error).message);
    }
  } else {
    reasons.push('java and mvn are not both installed');
  }
  throw new Error(
    `No time-skipping test server: it is downloaded by Temporal's SDK, or fetched with Java 17 and Maven.\n${reasons.join('\n')}`,
  );
}

async function fetchJava(partial: string, folder: string): Promise<void> {
  const project = join(partial, 'project');
  await run('mkdir', ['-p', project]);
  await copyFile(pom, join(project, 'pom.xml'));
  const libraries = join(partial, 'lib');
  await run('mvn', ['-q', '-B', 'dependency:copy-dependencies', `-DoutputDirectory=${libraries}`], { cwd: project });
  await rm(project, { recursive: true });
  // The SDK starts an executable with the port as its argument; tiered compilation stops early since tests are short.
  await writeFile(
    join(partial, 'server'),
    `#!/bin/sh\nexec java -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xmx512m -cp '${join(folder, 'lib')}/*' io.temporal.testserver.TestServer "$@"\n`,
    { mode: 0o755 },
  );
}
