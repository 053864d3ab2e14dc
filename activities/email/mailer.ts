import { Transform } from 'node:stream';
import { createTransport, type NodemailerError } from 'nodemailer';
import type { DeferralKind } from '#domain/mail/backoff.ts';
import type { RenderedMail } from './render.ts';

/** One mail on its way out. Addresses stay here: they are not logged and not stored. */
export interface OutgoingMail extends RenderedMail {
  to: { name: string; address: string };
  /** Shown as the sender beside our own address. */
  senderName: string;
  replyTo: string | null;
  /** Without angle brackets. */
  messageId: string;
  outboxId: number;
  /** An earlier attempt may have arrived. */
  possibleDuplicate: boolean;
}

/** What became of a mail. Reasons are codes, such as `smtp_550_5.1.1`, without the server's words. */
export type SendOutcome =
  | { outcome: 'accepted' }
  | { outcome: 'rejected'; reason: string }
  | {
      outcome: 'deferred';
      reason: string;
      kind: DeferralKind;
      /** All of the content was handed over before the connection was lost: the server may have taken it. */
      mayHaveArrived: boolean;
    };

/** The way to a mail server. */
export interface Mailer {
  /** Domain of the sender's address, for Message-IDs. */
  readonly senderDomain: string;
  /** How many mails may be under way at once. */
  readonly concurrency: number;
  /** Hands one mail over. Whatever the server does is an outcome; an exception is a fault of ours. */
  send(mail: OutgoingMail): Promise<SendOutcome>;
  close(): void;
}

export interface MailerEnv {
  /** smtp(s)://user:password@host:port */
  SMTP_URL: string;
  /** `Name <address>` or an address. */
  MAIL_FROM: string;
}

export interface MailerOptions {
  /** Connections, and so mails under way at once. */
  concurrency?: number;
  /** Hard limit for one mail, milliseconds; the dispatcher's lease counts on it. */
  sendTimeoutMs?: number;
}

interface Progress {
  handedOver: boolean;
}

/** No mail takes longer than this; see activities/outbox/limits.ts for what builds on it. */
export const defaultSendTimeoutMs = 45_000;

/** A pooled SMTP client. Sends nothing before it is asked to, so that a missing server does not stop a start. */
export function createMailer(env: MailerEnv, { concurrency = 5, sendTimeoutMs = defaultSendTimeoutMs }: MailerOptions = {}): Mailer {
  const address = /<([^<>]+)>\s*$/.exec(env.MAIL_FROM)?.[1] ?? env.MAIL_FROM.trim();
  const senderDomain = address.slice(address.lastIndexOf('@') + 1).toLowerCase();
  const transport = createTransport({
    url: env.SMTP_URL,
    pool: true,
    maxConnections: concurrency,
    maxMessages: 1000,
    connectionTimeout: 10_000,
    greetingTimeout: 10_000,
    socketTimeout: sendTimeoutMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  // Notices when the last byte of a message has left: from then on a lost connection is an unknown outcome.
  transport.use('stream', (mail, done) => {
    const { progress } = mail.data as { progress?: Progress };
    mail.message.transform(() => inOnePiece().once('end', () => progress && (progress.handedOver = true)));
    done();
  });

  return {
    senderDomain,
    concurrency,
    async send(mail) {
      const progress: Progress = { handedOver: false };
      const message = {
        progress,
        from: { name: mail.senderName, address },
        to: mail.to,
        ...(mail.replyTo === null ? {} : { replyTo: mail.replyTo }),
        subject: mail.subject,
        html: mail.html,
        text: mail.text,
        messageId: `<${mail.messageId}>`,
        headers: {
          'X-Perdura-Outbox-Id': String(mail.outboxId),
          ...(mail.possibleDuplicate ? { 'X-Perdura-Possible-Duplicate': 'true' } : {}),
          // RFC 3834: keeps out-of-office answers away.
          'Auto-Submitted': 'auto-generated',
        },
        signal: AbortSignal.timeout(sendTimeoutMs),
      };
      try {
        await transport.sendMail(message);
        return { outcome: 'accepted' };
      } catch (error) {
        return classify(error as NodemailerError, progress.handedOver);
      }
    },
    close: () => transport.close(),
  };
}

/** A mail is a few kilobytes: one write to the socket instead of one for each line, a third of the cost of sending. */
function inOnePiece(): Transform {
  const chunks: Buffer[] = [];
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      chunks.push(chunk);
      done();
    },
    flush(done) {
      done(null, Buffer.concat(chunks));
    },
  });
}

/**
 * Sorts what went wrong. Only a 5xx to this recipient or this content is final (nodemailer's EENVELOPE at RCPT TO,
 * EMESSAGE at DATA); a refused login, sender or greeting is about us and waits for whoever repairs it.
 */
export function classify(error: NodemailerError, handedOver: boolean): SendOutcome {
  const { responseCode, command = '', code = 'EUNKNOWN' } = error;
  // Refused by nodemailer itself, before any server saw it.
  if (code === 'EENVELOPE' && command === 'API' && !error.message.startsWith('Invalid sender')) {
    return { outcome: 'rejected', reason: 'invalid_address' };
  }
  if (code === 'EMESSAGE' && command === 'MAIL FROM') return { outcome: 'rejected', reason: 'message_too_large' };
  if (responseCode === undefined) {
    return { outcome: 'deferred', reason: `connection_${code}`, kind: 'server', mayHaveArrived: handedOver };
  }
  const enhanced = /^\d{3}[ -](\d\.\d{1,3}\.\d{1,3})/.exec(error.response ?? '')?.[1];
  const reason = ['smtp', responseCode, enhanced].filter(Boolean).join('_');
  const aboutThisMail = (code === 'EENVELOPE' && command === 'RCPT TO') || code === 'EMESSAGE';
  if (aboutThisMail && error.permanent) return { outcome: 'rejected', reason };
  // 421 ends the session: the server is going away, whatever it was asked.
  const kind = aboutThisMail && responseCode !== 421 ? 'message' : 'server';
  return { outcome: 'deferred', reason, kind, mayHaveArrived: false };
}
