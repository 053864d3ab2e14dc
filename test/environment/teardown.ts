/** jest's globalTeardown: stops what the tests started. Runs once per project; the first one does it. */
export default async function teardown(): Promise<void> {
  const services = globalThis.perduraTestServices;
  globalThis.perduraTestServices = undefined;
  await services?.stop();
}
