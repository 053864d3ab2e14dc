import { defineUpdate } from '@temporalio/workflow';

/**
 * Bytes of the JSON of every payload, as a real order had them in the same run; the workflow's input carries them, padded
 * to the size of an order's own input.
 */
export interface TwinSizes {
  input: number;
  openInput: number;
  /** The order's state: result of opening, and most of what every later step is given. */
  state: number;
  saveInput: number;
  saveResult: number;
  authorizeInput: number;
  authorizeResult: number;
  captureInput: number;
  captureResult: number;
  placedOutcome: number;
  shipInput: number;
  deliverInput: number;
  commandOutcome: number;
}

export interface TwinInput {
  sizes: TwinSizes;
  pad: string;
}

export const placed = defineUpdate<string>('placed');
export const ship = defineUpdate<string, [string]>('ship');
export const deliver = defineUpdate<string, [string]>('deliver');

export const twinQueues = { orders: 'bench-twin-orders', payments: 'bench-twin-payments' } as const;

/** A text whose JSON has this many bytes. */
export function filler(bytes: number): string {
  return 'x'.repeat(Math.max(0, bytes - 2));
}
