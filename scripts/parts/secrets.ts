import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/** What a checkout makes up for itself at its first start. None of it has a default anywhere. */
export interface Secrets {
  /** Key ring for sealed rows and payloads: `id:base64 of 32 bytes`, the first seals. */
  keys: string;
  databasePassword: string;
  adminEmail: string;
  adminPassword: string;
  /** Secret API key of the demo tenant. */
  apiKey: string;
  publishableKey: string;
  /** Key that the sandbox knows as its account's. */
  stripeSecretKey: string;
}

function makeSecrets(): Secrets {
  const text = (bytes: number) => randomBytes(bytes).toString('base64url').replace(/[-_]/g, 'x');
  return {
    keys: `k1:${randomBytes(32).toString('base64')}`,
    databasePassword: randomBytes(18).toString('hex'),
    adminEmail: 'admin@perdura.test',
    adminPassword: text(18),
    apiKey: `sk_test_${text(24)}`,
    publishableKey: `pk_test_${text(24)}`,
    stripeSecretKey: `sk_test_${text(24)}`,
  };
}

/** Reads the secrets of a checkout, or makes them once (file mode 0600). */
export async function loadSecrets(file: string): Promise<Secrets> {
  const found = await readFile(file, 'utf8').catch(() => undefined);
  if (found !== undefined) return { ...makeSecrets(), ...(JSON.parse(found) as Partial<Secrets>) };
  const secrets = makeSecrets();
  await mkdir(dirname(file), { recursive: true });
  // Renamed into place: an interrupted start must not leave half a key ring beside a database sealed with it.
  await writeFile(`${file}.new`, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600 });
  await rename(`${file}.new`, file);
  return secrets;
}
