import { describe, expect, it } from '@jest/globals';
import { apiKeyLabel, hashApiKey, isWellFormedApiKey, newApiKey } from './api-keys.ts';

describe('API keys', () => {
  it.each([
    ['secret', false, /^sk_test_[0-9A-Za-z]{38}$/],
    ['secret', true, /^sk_live_[0-9A-Za-z]{38}$/],
    ['publishable', false, /^pk_test_[0-9A-Za-z]{38}$/],
    ['publishable', true, /^pk_live_[0-9A-Za-z]{38}$/],
  ] as const)('a %s key, live %s, says so in its prefix', (kind, livemode, form) => {
    const key = newApiKey(kind, livemode);
    expect(key).toMatch(form);
    expect(isWellFormedApiKey(key)).toBe(true);
  });

  it('never makes the same key twice', () => {
    expect(new Set(Array.from({ length: 500 }, () => newApiKey('secret', false))).size).toBe(500);
  });

  it('sees a changed character, a changed mode and a foreign form', () => {
    const key = newApiKey('secret', false);
    const changed = key.slice(0, 12) + (key[12] === 'a' ? 'b' : 'a') + key.slice(13);
    expect(isWellFormedApiKey(changed)).toBe(false);
    expect(isWellFormedApiKey(key.replace('_test_', '_live_'))).toBe(false);
    expect(isWellFormedApiKey('sk_test_4eC39HqLyjWDarjtT1zdp7dc')).toBe(false);
  });

  it('has a checksum that does not change from release to release', () => {
    expect(isWellFormedApiKey('sk_test_00000000000000000000000000000000127lYz')).toBe(true);
  });

  it('hashes with SHA-256 and shows no more than four characters at each end', () => {
    expect(hashApiKey('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
    expect(apiKeyLabel('sk_test_ABCDefghijklmnopqrstuvwxyz0123456789WXYZ')).toEqual({ prefix: 'sk_test_ABCD', last_four: 'WXYZ' });
  });
});
