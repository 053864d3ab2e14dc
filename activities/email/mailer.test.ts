import { describe, expect, it } from '@jest/globals';
import type { NodemailerError } from 'nodemailer';
import { classify } from './mailer.ts';

function error(code: string, command: string, response?: string): NodemailerError {
  const responseCode = response === undefined ? undefined : Number(response.slice(0, 3));
  const permanent = responseCode === undefined ? undefined : responseCode >= 500 && responseCode !== 503;
  return Object.assign(new Error('secret@example.com said no'), { code, command, response, responseCode, permanent });
}

describe('classify', () => {
  it.each([
    ['this recipient', error('EENVELOPE', 'RCPT TO', '550 5.1.1 <secret@example.com> unknown'), 'smtp_550_5.1.1'],
    ['this content', error('EMESSAGE', 'DATA', '554 5.6.0 bad content'), 'smtp_554_5.6.0'],
    ['no enhanced code', error('EENVELOPE', 'RCPT TO', '550 no'), 'smtp_550'],
    ['too large, said before it was sent', error('EMESSAGE', 'MAIL FROM'), 'message_too_large'],
    ['no address at all', error('EENVELOPE', 'API'), 'invalid_address'],
  ])('is final about %s', (_name, given, reason) => {
    expect(classify(given, true)).toEqual({ outcome: 'rejected', reason });
  });

  it.each([
    ['a refused login', error('EAUTH', 'AUTH PLAIN', '535 5.7.8 no'), 'smtp_535_5.7.8'],
    ['a refused sender', error('EENVELOPE', 'MAIL FROM', '550 5.7.1 not yours'), 'smtp_550_5.7.1'],
    ['a refused connection', error('EPROTOCOL', 'CONN', '554 go away'), 'smtp_554'],
    ['a server that closes down', error('EMESSAGE', 'DATA', '421 4.3.2 later'), 'smtp_421_4.3.2'],
    ['no connection', error('ESOCKET', 'CONN'), 'connection_ESOCKET'],
  ])('waits for the server after %s', (_name, given, reason) => {
    expect(classify(given, false)).toEqual({ outcome: 'deferred', reason, kind: 'server', mayHaveArrived: false });
  });

  it('tries this message again later after a 4xx about it', () => {
    const given = error('EENVELOPE', 'RCPT TO', '450 4.2.0 greylisted');
    expect(classify(given, false)).toEqual({ outcome: 'deferred', reason: 'smtp_450_4.2.0', kind: 'message', mayHaveArrived: false });
  });

  it('does not know what became of a mail whose content was handed over before the line was lost', () => {
    expect(classify(error('ECONNECTION', 'CONN'), true)).toMatchObject({ mayHaveArrived: true });
    expect(classify(error('EMESSAGE', 'DATA', '451 4.3.0 disk full'), true)).toMatchObject({ mayHaveArrived: false });
  });

  it('never quotes the server', () => {
    expect(JSON.stringify(classify(error('EENVELOPE', 'RCPT TO', '550 5.1.1 <secret@example.com>'), false))).not.toContain('@');
  });
});
