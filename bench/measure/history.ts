import type { Client } from '@temporalio/client';
import type { PayloadCodec } from '@temporalio/common';
import proto from '@temporalio/proto';

type HistoryEvent = proto.temporal.api.history.v1.IHistoryEvent;
type Payloads = proto.temporal.api.common.v1.IPayloads | null | undefined;

export interface HistorySize {
  events: number;
  bytes: number;
  /** Events by type, e.g. { ACTIVITY_TASK_SCHEDULED: 2, … }. */
  byType: Record<string, number>;
}

const { EventType } = proto.temporal.api.enums.v1;

export async function eventsOf(client: Client, workflowId: string): Promise<HistoryEvent[]> {
  const { events } = await client.workflow.getHandle(workflowId).fetchHistory();
  return events ?? [];
}

/** What a workflow's history weighs. */
export async function historySize(client: Client, workflowId: string): Promise<HistorySize> {
  const events = await eventsOf(client, workflowId);
  const { historySize: bytes } = await client.workflow.getHandle(workflowId).describe();
  return { events: events.length, bytes: bytes ?? 0, byType: countByType(events) };
}

export function countByType(events: readonly HistoryEvent[]): Record<string, number> {
  const types = events.map(({ eventType }) => EventType[eventType ?? 0]!.replace(/^EVENT_TYPE_/, ''));
  return Object.fromEntries([...Map.groupBy(types, (type) => type)].map(([type, all]) => [type, all.length]));
}

/** Bytes of the JSON in payloads, after decryption. */
export async function jsonBytes(codec: PayloadCodec, payloads: Payloads): Promise<number> {
  const decoded = await codec.decode(payloads?.payloads ?? []);
  return decoded.reduce((total, { data }) => total + (data?.length ?? 0), 0);
}
