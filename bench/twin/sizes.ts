import { EncryptionCodec } from '#platform/payload-codec.ts';
import type { KeyRing } from '#platform/keyring.ts';
import type { Client } from '@temporalio/client';
import { eventsOf, jsonBytes } from '../measure/history.ts';
import type { TwinSizes } from './messages.ts';

/** Inputs of local activities are not in the history; a step adds about this much to the state that it comes with. */
const stepBytes = 600;
const openInputBytes = 200;

/**
 * Measures the payloads of a real order that was placed, shipped in one piece and delivered.
 * @throws when its history does not have that shape: then the twin no longer mirrors the order workflow
 */
export async function measureSizes(client: Client, keyRing: KeyRing, workflowId: string): Promise<TwinSizes> {
  const codec = new EncryptionCodec(keyRing);
  const bytes = { input: [] as number[], activityIn: [] as number[], activityOut: [] as number[], local: [] as number[], updateIn: [] as number[], updateOut: [] as number[] };
  for (const event of await eventsOf(client, workflowId)) {
    const measure = async (list: number[], payloads: Parameters<typeof jsonBytes>[1]) => void list.push(await jsonBytes(codec, payloads));
    if (event.workflowExecutionStartedEventAttributes) await measure(bytes.input, event.workflowExecutionStartedEventAttributes.input);
    if (event.activityTaskScheduledEventAttributes) await measure(bytes.activityIn, event.activityTaskScheduledEventAttributes.input);
    if (event.activityTaskCompletedEventAttributes) await measure(bytes.activityOut, event.activityTaskCompletedEventAttributes.result);
    if (event.markerRecordedEventAttributes?.details?.result) await measure(bytes.local, event.markerRecordedEventAttributes.details.result);
    if (event.workflowExecutionUpdateAcceptedEventAttributes) await measure(bytes.updateIn, event.workflowExecutionUpdateAcceptedEventAttributes.acceptedRequest?.input?.args);
    if (event.workflowExecutionUpdateCompletedEventAttributes) await measure(bytes.updateOut, event.workflowExecutionUpdateCompletedEventAttributes.outcome?.success);
  }
  const [authorizeInput, captureInput] = exactly(2, bytes.activityIn, 'provider calls');
  const [authorizeResult, captureResult] = exactly(2, bytes.activityOut, 'answers of the provider');
  const [state, saveResult] = exactly(4, bytes.local, 'steps of row work');
  const [, shipInput, deliverInput] = exactly(3, bytes.updateIn, 'updates');
  const [placedOutcome, commandOutcome] = exactly(3, bytes.updateOut, 'outcomes of updates');
  return {
    input: bytes.input[0]!, openInput: openInputBytes, state: state!, saveInput: state! + stepBytes, saveResult: saveResult!,
    authorizeInput: authorizeInput!, authorizeResult: authorizeResult!, captureInput: captureInput!, captureResult: captureResult!,
    placedOutcome: placedOutcome!, shipInput: shipInput!, deliverInput: deliverInput!, commandOutcome: commandOutcome!,
  };
}

function exactly(count: number, found: number[], what: string): number[] {
  if (found.length !== count) throw new Error(`An order shipped and delivered has ${found.length} ${what} in its history, and the twin ${count}: bench/twin/ no longer mirrors it`);
  return found;
}
