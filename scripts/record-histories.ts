import { mkdir, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { historyToJson } from '#test/support/history-json.ts';
import { OrderWorld } from '#test/support/order-world.ts';
import { stories } from '#test/support/stories.ts';
import { projectVersion } from './parts/project-version.ts';

/**
 * Records the histories of this version's order workflows into test/histories/<version>/, where every later version
 * must replay them. Run once per release; afterwards the folder is never written again.
 */
const version = await projectVersion();
const folder = fileURLToPath(new URL(`../test/histories/${version}/`, import.meta.url));
const recorded = new Map<string, string>();

const world = await OrderWorld.start();
try {
  for (const [index, [name, story]] of Object.entries(stories).entries()) {
    for (const workflowId of await story(world, 100 * (index + 1))) {
      const history = await world.environment.client.workflow.getHandle(workflowId).fetchHistory();
      const file = workflowId.startsWith('order/') ? name : `${name}.${workflowId.split('/')[0]}`;
      recorded.set(`${file}.json`, `${JSON.stringify({ workflowId, history: historyToJson(history) }, null, 1)}\n`);
      console.log(`${file}: ${history.events?.length ?? 0} events`);
    }
  }
} finally {
  await world.stop();
}

await rm(folder, { recursive: true, force: true });
await mkdir(folder, { recursive: true });
for (const [file, text] of recorded) await writeFile(`${folder}${file}`, text);
