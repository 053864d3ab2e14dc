import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import coverage, { type CoverageMap, type CoverageMapData } from 'istanbul-lib-coverage';
import { createContext } from 'istanbul-lib-report';
import { createSourceMapStore } from 'istanbul-lib-source-maps';
import { create } from 'istanbul-reports';
import { root } from './services.ts';

/** The folder of the report; `lcov-report/index.html` shows it line by line. */
const directory = join(root, 'coverage');

/**
 * One report of what the tests ran: jest's own counts, and those of workflow code, which runs in Temporal's sandbox where
 * jest's do not reach (test/support/workflow-coverage.ts). Where both know a file, the workflow's counts stand for it.
 * @param jestFile jest's coverage-final.json
 * @param workflowFolder the counts of each workflow suite
 */
export async function reportCoverage(jestFile: string, workflowFolder: string): Promise<void> {
  const map = coverage.createCoverageMap(await json(jestFile));
  const workflows = await workflowCounts(workflowFolder);
  map.filter((file) => !workflows.files().includes(file));
  map.merge(workflows);
  const context = createContext({ dir: directory, coverageMap: map });
  for (const report of [create('lcovonly'), create('html'), create('text', { skipFull: true, maxCols: 140 })]) report.execute(context);
  console.log(summary(map));
}

async function workflowCounts(folder: string): Promise<CoverageMap> {
  const counted = coverage.createCoverageMap();
  for (const file of await readdir(folder)) counted.merge(await json(join(folder, file)));
  // Counted in the compiled code; its source maps lead back to what was written.
  const written = await createSourceMapStore().transformCoverage(counted);
  return coverage.createCoverageMap(written as unknown as CoverageMapData);
}

async function json(file: string): Promise<CoverageMapData> {
  return JSON.parse(await readFile(file, 'utf8')) as CoverageMapData;
}

/** Lines by top folder, in one line each. */
function summary(map: CoverageMap): string {
  const folders = new Map<string, coverage.CoverageSummary>();
  for (const file of map.files()) {
    const folder = relative(root, file).split('/')[0]!;
    const sum = folders.get(folder) ?? coverage.createCoverageSummary();
    sum.merge(map.fileCoverageFor(file).toSummary());
    folders.set(folder, sum);
  }
  return [...folders].map(([folder, { lines }]) => `${folder.padEnd(12)} ${lines.pct.toFixed(1).padStart(5)} % of ${lines.total} lines`).join('\n');
}
