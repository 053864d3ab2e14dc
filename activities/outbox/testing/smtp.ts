import type { AddressInfo, Socket } from 'node:net';
import { SMTPServer } from 'smtp-server';

/** What the server does with one mail. */
export type Behaviour =
  | 'accept'
  /** Drops the line at the recipient, before any content. */
  | 'hangup_at_recipient'
  /** Takes the content, then drops the line before it says 250; the second kind keeps the mail nevertheless. */
  | 'hangup_after_content'
  | 'hangup_but_keep'
  | { rcpt: number; text?: string }
  | { data: number; text?: string };

export interface ReceivedMail {
  to: string;
  /** Names in lower case, folded lines joined. */
  headers: Map<string, string>;
  raw: string;
}

/** A mail server that misbehaves on demand, and keeps every mail that it said (or did not say) 250 to. */
export class FaultySmtpServer {
  readonly received: ReceivedMail[] = [];
  /** Mails that were begun, whatever became of them. */
  attempts = 0;
  behave: (attempt: number, recipient: string) => Behaviour = () => 'accept';
  /** Waits so long before each 250 for content, milliseconds. */
  delayMs = 0;
  readonly #sockets = new Map<number, Socket>();
  #server: SMTPServer | undefined;
  #port = 0;

  get url(): string {
    return `smtp://127.0.0.1:${this.#port}`;
  }

  async start(): Promise<void> {
    const chosen = new Map<string, Behaviour>();
    const server = new SMTPServer({
      authOptional: true,
      disabledCommands: ['STARTTLS', 'AUTH'],
      logger: false,
      closeTimeout: 10,
      onRcptTo: (address, session, callback) => {
        const behaviour = this.behave((this.attempts += 1), address.address);
        chosen.set(session.id, behaviour);
        if (behaviour === 'hangup_at_recipient') this.#hangUp(session.remotePort);
        else if (typeof behaviour === 'object' && 'rcpt' in behaviour) callback(smtpError(behaviour.rcpt, behaviour.text));
        else callback();
      },
      onData: async (stream, session, callback) => {
        const chunks: Buffer[] = [];
        for await (const chunk of stream) chunks.push(chunk as Buffer);
        const behaviour = chosen.get(session.id) ?? 'accept';
        if (typeof behaviour === 'object') return callback(smtpError('data' in behaviour ? behaviour.data : 451, behaviour.text));
        if (behaviour !== 'hangup_after_content') {
          this.received.push(parse(session.envelope.rcptTo[0]!.address, Buffer.concat(chunks).toString()));
        }
        if (behaviour !== 'accept') return this.#hangUp(session.remotePort);
        if (this.delayMs > 0) await new Promise((resolve) => setTimeout(resolve, this.delayMs));
        callback();
      },
    });
    server.on('error', () => undefined);
    server.server.on('connection', (socket: Socket) => {
      const port = socket.remotePort ?? 0;
      this.#sockets.set(port, socket);
      socket.on('close', () => this.#sockets.delete(port));
    });
    this.#server = server;
    await new Promise<void>((resolve) => server.listen(this.#port, '127.0.0.1', () => resolve()));
    this.#port = (server.server.address() as AddressInfo).port;
  }

  /** An outage: whoever is connected is cut off and nobody listens. The next start takes the same port. */
  async stop(): Promise<void> {
    for (const port of this.#sockets.keys()) this.#hangUp(port);
    await new Promise<void>((resolve) => (this.#server ? this.#server.close(() => resolve()) : resolve()));
  }

  #hangUp(remotePort: number): void {
    this.#sockets.get(remotePort)?.destroy();
  }
}

function smtpError(responseCode: number, text = 'no'): Error {
  return Object.assign(new Error(text), { responseCode });
}

function parse(to: string, raw: string): ReceivedMail {
  const head = raw.slice(0, raw.indexOf('\r\n\r\n')).replace(/\r\n[ \t]+/g, ' ');
  const headers = new Map(
    head.split('\r\n').map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
  );
  return { to, headers, raw };
}
