import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { KeyRing, SealError } from './keyring.ts';
import { emailIndex, normaliseEmail, openAddress, openNotes, openProfile, sealAddress, sealNotes, sealProfile } from './personal-data.ts';

const first = `k1:${randomBytes(32).toString('base64')}`;
const keyRing = new KeyRing(first);
const profile = { email: 'ada@example.com', name: 'Ada', phone: null, company: null, locale: 'en-GB' };

describe('personal data', () => {
  it('opens what it sealed, for the same customer only', () => {
    const sealed = sealProfile(keyRing, 'cus_a', profile);
    expect(sealed).not.toContain('ada');
    expect(openProfile(keyRing, 'cus_a', sealed)).toEqual(profile);
    expect(() => openProfile(keyRing, 'cus_b', sealed)).toThrow(SealError);
  });

  it('keeps notes and profile apart', () => {
    const sealed = sealNotes(keyRing, 'cus_a', 'rings twice');
    expect(openNotes(keyRing, 'cus_a', sealed)).toBe('rings twice');
    expect(() => openProfile(keyRing, 'cus_a', sealed)).toThrow(SealError);
  });

  it('opens an address of the same id only', () => {
    const address = {
      name: 'Ada', company: null, line1: '1 Main St', line2: null, city: 'Oslo', region: null, postal_code: '0150', country: 'NO', phone: null,
    };
    const sealed = sealAddress(keyRing, 'addr_a', address);
    expect(openAddress(keyRing, 'addr_a', sealed)).toEqual(address);
    expect(() => openAddress(keyRing, 'addr_b', sealed)).toThrow(SealError);
  });

  it('finds an e-mail however it is spelt, within its tenant', () => {
    expect(normaliseEmail('  Ada@Example.COM ')).toBe('ada@example.com');
    expect(normaliseEmail('Jose\u0301@example.com')).toBe('josé@example.com');
    const index = emailIndex(keyRing, 'ten_a', 'ADA@example.com');
    expect(index).toBe(emailIndex(keyRing, 'ten_a', ' ada@EXAMPLE.com'));
    expect(index).not.toBe(emailIndex(keyRing, 'ten_b', 'ada@example.com'));
    expect(index).not.toBe(emailIndex(keyRing, 'ten_a', 'ada+shop@example.com'));
  });

  it('still finds and opens after a new key was put in front', () => {
    const rotated = new KeyRing(`k2:${randomBytes(32).toString('base64')},${first}`);
    expect(openProfile(rotated, 'cus_a', sealProfile(keyRing, 'cus_a', profile))).toEqual(profile);
    expect(emailIndex(rotated, 'ten_a', 'ada@example.com')).toBe(emailIndex(keyRing, 'ten_a', 'ada@example.com'));
  });
});
