import { Client, Connection } from '@temporalio/client';

/** The orders' workflows as operators see them in Temporal. */
export class Processes {
  readonly #address: string;
  #client?: Promise<Client>;

  constructor(address: string) {
    this.#address = address;
  }

  #connect(): Promise<Client> {
    return (this.#client ??= Connection.connect({ address: this.#address }).then((connection) => new Client({ connection, namespace: 'perdura' })));
  }

  async close(): Promise<void> {
    if (this.#client) await (await this.#client).connection.close();
  }

  /** Ids of the workflows that a query of the UI finds. */
  async find(query: string): Promise<string[]> {
    const ids: string[] = [];
    for await (const { workflowId } of (await this.#connect()).workflow.list({ query })) ids.push(workflowId);
    return ids;
  }

  /** How an order's workflow stands: its status, and whether anything of it is stuck. */
  async of(orderId: string): Promise<{ status: string; retrying: number; pendingActivities: number }> {
    const { status, raw } = await (await this.#connect()).workflow.getHandle(`order/${orderId}`).describe();
    return {
      status: status.name,
      retrying: Math.max(0, Number(raw.pendingWorkflowTask?.attempt ?? 1) - 1),
      pendingActivities: raw.pendingActivities?.length ?? 0,
    };
  }
}
