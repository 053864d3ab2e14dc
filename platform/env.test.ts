import { describe, expect, it } from '@jest/globals';
import { EnvironmentError, loadEnv, loadTemporalEnv } from './env.ts';
import { KeyRing } from './keyring.ts';

const key = (bytes: number) => Buffer.alloc(bytes, 7).toString('base64');
const enough = {
  DATABASE_URL: 'postgres://app@db/shop', TEMPORAL_ADDRESS: 'temporal:7233', SMTP_URL: 'smtp://mail:25', PERDURA_KEYS: `k1:${key(32)}`,
};
const load = (more: Record<string, string | undefined>) => loadEnv({ ...enough, ...more });

describe('the environment', () => {
  it('converts, fills in defaults and takes an empty variable as absent', () => {
    expect(load({ DATABASE_POOL_SIZE: '7', TEMPORAL_TLS: '1', API_PORT: '' })).toMatchObject({ DATABASE_POOL_SIZE: 7, TEMPORAL_TLS: true, API_PORT: 3000 });
  });

  it.each([
    ['DATABASE_POOL_SIZE', '2.7'],
    ['API_PORT', '70000'],
    ['API_PORT', 'http'],
    ['PUBLIC_URL', 'http://'],
    ['PUBLIC_URL', 'shop.example'],
    ['TEMPORAL_UI_URL', 'http://'],
    ['STRIPE_API_URL', 'https://:12111'],
    ['TEMPORAL_TLS', 'perhaps'],
    ['PERDURA_KEYS', `k1:${key(33)}`],
    ['PERDURA_KEYS', `k1:${key(32)},k0:${key(31)}`],
    ['PERDURA_KEYS', undefined],
  ])('refuses %s=%s once, by its name and never by its value', (name, value) => {
    let message = '';
    try {
      load({ [name]: value });
    } catch (error) {
      expect(error).toBeInstanceOf(EnvironmentError);
      message = (error as Error).message;
    }
    const [, ...lines] = message.split('\n');
    expect(lines).toEqual([expect.stringMatching(new RegExp(`^${name} `))]);
    if (value && value.length > 8) expect(message).not.toContain(value);
  });

  it('takes every key ring that can be made of 32 bytes', () => {
    const { PERDURA_KEYS: keys } = load({ PERDURA_KEYS: `k2:${key(32)},k1:${Buffer.alloc(32, 255).toString('base64')}` });
    expect(new KeyRing(keys).currentId).toBe('k2');
  });

  it('tells of Temporal alone by the same rules', () => {
    expect(loadTemporalEnv({ TEMPORAL_ADDRESS: 'cloud:7233', TEMPORAL_TLS: '1' })).toEqual({
      TEMPORAL_ADDRESS: 'cloud:7233', TEMPORAL_NAMESPACE: 'perdura', TEMPORAL_TLS: true,
    });
    expect(() => loadTemporalEnv({})).toThrow(/TEMPORAL_ADDRESS is missing/);
  });
});
