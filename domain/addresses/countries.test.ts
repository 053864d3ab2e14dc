import { describe, expect, it } from '@jest/globals';
import { isCountry, isRegion } from './countries.ts';

describe('isCountry', () => {
  it.each([['US', true], ['GB', true], ['UK', false], ['XK', false], ['EU', false], ['us', false], ['', false], ['USA', false]])('%s: %s', (code, expected) =>
    expect(isCountry(code)).toBe(expected),
  );
});

describe('isRegion', () => {
  it.each([
    ['US', 'CA', true], ['US', 'US-CA', true], ['US', 'CA-ON', false], ['GB', 'ENG', true], ['FR', '75', true],
    ['US', 'California', false], ['US', 'ca', false], ['US', 'US-', false], ['US', 'US-C-A', false],
  ])('%s %s: %s', (country, region, expected) => expect(isRegion(country, region)).toBe(expected));
});
