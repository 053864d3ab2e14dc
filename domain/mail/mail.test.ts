import { describe, expect, it } from '@jest/globals';
import { backoffMs, giveUpAfterMs, isGivenUp } from './backoff.ts';
import { readBranding } from './branding.ts';
import { messageIdOf } from './message-id.ts';
import { isMailTemplate, mailTemplateNames, missingMailData } from './templates.ts';

describe('messageIdOf', () => {
  it('is stable, readable and legal (RFC 5322 dot-atom)', () => {
    const id = messageIdOf('order/ord_01/3/order_confirmation', 'Shop.Example');
    expect(id).toBe('order+ord_01+3+order_confirmation@shop.example');
    expect(messageIdOf('a b.<c>@é', 'x.example')).toMatch(/^[A-Za-z0-9+=_-]+@x\.example$/);
  });

  it('keeps different keys different', () => {
    const keys = ['a/b', 'a+b', 'a=2bb', 'a.b', 'a b', 'a//b', 'ab/'];
    expect(new Set(keys.map((key) => messageIdOf(key, 'x.example'))).size).toBe(keys.length);
  });
});

describe('backoffMs', () => {
  it('doubles from 30 seconds up to the cap of its kind', () => {
    const seconds = (kind: 'server' | 'message') => [1, 2, 3, 4, 5, 8, 400].map((attempt) => backoffMs(attempt, kind, 0) / 1000);
    expect(seconds('message')).toEqual([30, 60, 120, 240, 480, 3600, 3600]);
    expect(seconds('server')).toEqual([30, 60, 120, 240, 300, 300, 300]);
    expect(backoffMs(1, 'message', 0.5)).toBe(31_500);
  });

  it('gives up on a message after five days, on a server never', () => {
    const created = new Date('2026-11-01T00:00:00Z');
    const later = new Date(created.getTime() + giveUpAfterMs + 1);
    expect(isGivenUp('message', created, later)).toBe(true);
    expect(isGivenUp('message', created, new Date(later.getTime() - 1))).toBe(false);
    expect(isGivenUp('server', created, new Date('2030-01-01T00:00:00Z'))).toBe(false);
  });
});

describe('readBranding', () => {
  it('chooses the text colour that can be read on the brand colour', () => {
    expect(readBranding({ branding: { color: '#ffee00' } }).textOnColor).toBe('#000000');
    expect(readBranding({ branding: { color: '#102030' } }).textOnColor).toBe('#ffffff');
    expect(readBranding({}).color).toBe('#1f4f82');
  });
});

describe('mailTemplates', () => {
  it('knows its names and what each needs', () => {
    expect(mailTemplateNames).toHaveLength(9);
    expect(isMailTemplate('order_shipped')).toBe(true);
    expect(isMailTemplate('toString')).toBe(false);
    expect(missingMailData('refund_issued', { amount: 1 })).toEqual(['currency']);
  });
});
