// A CommonJS module whose names Node can't see before it runs: only its default export can be imported.
import proto, { type temporal } from '@temporalio/proto';

const { History } = proto.temporal.api.history.v1;

/**
 * Histories as JSON, with enums by name and bytes in base64. (The SDK's own `historyToJSON` needs one copy of protobufjs
 * in the tree; npm installs two.)
 */
export function historyToJson(history: temporal.api.history.v1.IHistory): Record<string, unknown> {
  return History.toObject(History.fromObject(history), { enums: String, bytes: String, longs: String });
}

export function historyFromJson(json: Record<string, unknown>): temporal.api.history.v1.History {
  return History.fromObject(json);
}
