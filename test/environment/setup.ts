import { timeSkippingExecutable } from '#scripts/parts/time-skipping-server.ts';
import { silentReporter } from '#scripts/parts/progress.ts';
import { TestServices } from './services.ts';

declare global {
  var perduraTestServices: TestServices | undefined;
}

/** jest's globalSetup of the projects that need something running. It runs once per project; the first one counts. */
export default async function setup(_global: unknown, project: { displayName?: { name?: string } }): Promise<void> {
  if (project.displayName?.name === 'workflow') process.env.PERDURA_TEST_SERVER = await timeSkippingExecutable(silentReporter);
  if (globalThis.perduraTestServices) return;
  globalThis.perduraTestServices = new TestServices();
  process.env.PERDURA_TEST_SERVICES = await globalThis.perduraTestServices.listen();
}
