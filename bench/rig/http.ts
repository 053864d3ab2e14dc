import { Agent, request } from 'node:http';

export interface HttpAnswer {
  status: number;
  body: string;
}

/** A keep-alive HTTP client for load: Node's own, since what a generator burns is taken from the measured system. */
export class HttpClient {
  readonly #origin: URL;
  readonly #headers: Record<string, string>;
  readonly #agent: Agent;

  constructor(origin: string, apiKey: string) {
    this.#origin = new URL(origin);
    this.#headers = { authorization: `Bearer ${apiKey}` };
    this.#agent = new Agent({ keepAlive: true, maxSockets: 512 });
  }

  /** @param body sent as JSON; `key` as Idempotency-Key */
  send(method: 'GET' | 'POST' | 'PATCH', path: string, body?: string, headers: Record<string, string> = {}): Promise<HttpAnswer> {
    const { hostname, port } = this.#origin;
    const content = body === undefined ? {} : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) };
    return new Promise((resolve, reject) => {
      const call = request(
        { hostname, port, path, method, agent: this.#agent, headers: { ...this.#headers, ...content, ...headers } },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('end', () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() }));
          response.on('error', reject);
        },
      );
      call.on('error', reject);
      call.end(body);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}
