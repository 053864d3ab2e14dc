import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { reportCoverage } from './parts/coverage.ts';
import { runJest } from './parts/jest-run.ts';
import { postgresBinaries, postgresUser } from './parts/postgres-source.ts';
import { consoleReporter } from './parts/progress.ts';
import { has } from './parts/services.ts';
import { command, runStages } from './parts/stages.ts';
import type { Stage } from './parts/stages.ts';
import { temporalExecutable } from './parts/temporal-source.ts';
import { timeSkippingExecutable } from './parts/time-skipping-server.ts';

/** `npm test`: every check of the project in order, ending with one plain line. Arguments go to jest. */
const args = process.argv.slice(2);
let tests = { passed: 0, failed: 0 };

const stages: Stage[] = [
  command('Type check', 'tsc', '--noEmit'),
  command('Lint', 'oxlint'),
  ...(has('scripts/openapi.ts') ? [command('OpenAPI: rules and drift', process.execPath, 'scripts/openapi.ts', '--check')] : []),
  { name: 'What the suites need', run: prepare },
  { name: 'Tests', run: test },
];

const results = await runStages(stages);
console.log(`\n${results.map(({ name, passed, seconds }) => `${passed ? '✓' : '✗'} ${name} (${seconds.toFixed(1)} s)`).join('\n')}`);
// A failed check that is not a test counts as one, so that the line never looks better than the exit code.
const failedChecks = results.filter(({ name, passed }) => !passed && name !== 'Tests').length;
console.log(`\n${tests.passed} passed, ${tests.failed + failedChecks} failed`);
process.exitCode = results.every(({ passed }) => passed) ? 0 : 1;

/** Fetches or builds here, with progress, what would otherwise take a test's own time. */
async function prepare(): Promise<boolean> {
  const reporter = consoleReporter();
  reporter.line(`  Temporal: ${await temporalExecutable(reporter)}`);
  reporter.line(`  Time-skipping server: ${await timeSkippingExecutable(reporter)}`);
  reporter.line(`  Postgres: ${(await postgresBinaries(await postgresUser())).postgres}`);
  return true;
}

async function test(): Promise<boolean> {
  const folder = await mkdtemp(join(tmpdir(), 'perdura-jest-'));
  try {
    const file = join(folder, 'results.json');
    const workflows = await mkdtemp(join(folder, 'workflows-'));
    process.env.PERDURA_WORKFLOW_COVERAGE = workflows;
    const counting = ['--coverage', '--coverageReporters=json', `--coverageDirectory=${folder}`];
    const code = await runJest([...counting, '--json', `--outputFile=${file}`, '--testLocationInResults', ...args]);
    tests = countTests(await readFile(file, 'utf8').catch(() => undefined));
    await reportCoverage(join(folder, 'coverage-final.json'), workflows);
    return code === 0 && tests.failed === 0;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface JestResults {
  numPassedTests: number;
  numFailedTests: number;
  /** Suites that could not even be loaded. */
  numRuntimeErrorTestSuites: number;
}

function countTests(json: string | undefined): typeof tests {
  if (json === undefined) return { passed: 0, failed: 1 };
  const results = JSON.parse(json) as JestResults;
  return { passed: results.numPassedTests, failed: results.numFailedTests + results.numRuntimeErrorTestSuites };
}
