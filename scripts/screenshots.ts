import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { chromium } from 'playwright-core';
import type { BrowserContext, Page } from 'playwright-core';
import type { DevFile } from './parts/dev-file.ts';
import { root } from './parts/services.ts';
import { tellStory, waitForMail } from './screenshots/story.ts';
import type { StoryOrder } from './screenshots/story.ts';

/**
 * `npm run screenshots [-- <folder of dev.json>]`: places, ships and partly refunds an order in the running system,
 * and takes the pictures in docs/images: the order in the Temporal UI, Swagger UI, the mailbox.
 */
const browsers = [process.env.CHROMIUM_PATH ?? '', '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const flags = [
  '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync',
];
const images = join(root, 'docs', 'images');
const patienceMs = 120_000;

/** The Temporal UI keeps its codec settings in the browser: with credentials, our session opens the codec. */
async function signIn(context: BrowserContext, { api_url: api, admin_email: email, admin_password: password, temporal_ui_url: ui }: DevFile): Promise<void> {
  const response = await context.request.post(`${api}/admin/session`, { data: { email, password } });
  if (!response.ok()) throw new Error(`Sign-in at ${api}/admin answered ${response.status()}`);
  await context.addInitScript(
    ({ origin, settings }) => {
      const page = globalThis as unknown as { location: { origin: string }; localStorage: { setItem(name: string, value: string): void } };
      if (page.location.origin !== origin) return;
      for (const [name, value] of Object.entries(settings)) page.localStorage.setItem(name, JSON.stringify(value));
    },
    { origin: ui ?? '', settings: { endpoint: `${api}/codec`, includeCredentials: true, overrideRemoteCodecConfiguration: true } },
  );
}

async function temporalPages(page: Page, { temporal_ui_url: ui }: DevFile, order: StoryOrder): Promise<void> {
  await page.goto(`${ui}/namespaces/perdura/workflows/${encodeURIComponent(`order/${order.id}`)}`);
  await page.waitForURL(/\/history/);
  // What only the codec can make readable, and the last event of the story.
  await page.getByText('tenantId').first().waitFor();
  await page.getByText('Workflow Execution Update Completed').first().waitFor();
  await shoot(page, 'temporal-history');
  await page.locator('a[href$="/user-metadata"]').first().click();
  await inSomeFrame(page, /Order \d+: /);
  await inSomeFrame(page, /partially_refunded/);
  await shoot(page, 'temporal-order');
}

/** The UI shows Markdown in frames of its own. */
async function inSomeFrame(page: Page, text: RegExp): Promise<void> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const texts = await Promise.all(page.frames().map((frame) => frame.locator('body').innerText({ timeout: 1_000 }).catch(() => '')));
    if (texts.some((found) => text.test(found))) return;
    if (performance.now() > deadline) throw new Error(`The page shows no ${text}`);
    await page.waitForTimeout(250);
  }
}

async function swaggerPage(page: Page, { api_url: api }: DevFile): Promise<void> {
  await page.goto(`${api}/docs`);
  await page.getByRole('heading', { name: 'Orders', exact: true }).or(page.locator('#operations-tag-Orders')).first().click();
  await page.locator('#operations-Orders-placeOrder').getByRole('button').first().click();
  await page.locator('#operations-Orders-placeOrder .opblock-body').getByText('Idempotency-Key', { exact: false }).first().waitFor();
  await page.locator('#operations-tag-Orders').scrollIntoViewIfNeeded();
  await page.locator('#operations-tag-Orders').evaluate((heading) => (heading as unknown as { scrollIntoView(): void }).scrollIntoView());
  await shoot(page, 'swagger');
}

async function mailboxPage(page: Page, { mailbox_url: mailbox }: DevFile, order: StoryOrder, mailId: string): Promise<void> {
  await page.goto(`${mailbox}/#/email/${mailId}`);
  await page.frameLocator('iframe').first().getByText(`${order.number}`).first().waitFor();
  await shoot(page, 'mailbox');
}

async function shoot(page: Page, name: string): Promise<void> {
  // Fonts and transitions come to rest.
  await page.waitForTimeout(1_000);
  await page.screenshot({ path: join(images, `${name}.png`) });
  console.log(`docs/images/${name}.png`);
}

async function readDev(folder: string): Promise<DevFile> {
  const file = join(folder, 'dev.json');
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) throw new Error(`Nothing runs: ${file} is missing. Run "npm start" first.`);
  const dev = JSON.parse(text) as DevFile;
  if (!dev.temporal_ui_url || !dev.mailbox_url) throw new Error('The pictures need the embedded Temporal and mailbox: start without TEMPORAL_ADDRESS and SMTP_URL.');
  return dev;
}

try {
  const dev = await readDev(resolve(process.env.INIT_CWD ?? process.cwd(), process.argv[2] ?? join(root, '.perdura')));
  const executablePath = browsers.find((path) => path !== '' && existsSync(path));
  if (!executablePath) throw new Error('No Chromium is here: install it (apt-get install -y chromium), or name it in CHROMIUM_PATH.');
  await mkdir(images, { recursive: true });
  const order = await tellStory(dev);
  const mailId = await waitForMail(dev.mailbox_url!, new RegExp(`Order ${order.number} is confirmed`));
  await waitForMail(dev.mailbox_url!, new RegExp(`Refund for order ${order.number}`));
  const browser = await chromium.launch({ executablePath, args: flags });
  try {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, colorScheme: 'light' });
    context.setDefaultTimeout(patienceMs);
    await signIn(context, dev);
    const page = await context.newPage();
    await temporalPages(page, dev, order);
    await swaggerPage(page, dev);
    await mailboxPage(page, dev, order, mailId);
  } finally {
    await browser.close();
  }
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
