import type { Answer } from '../commands/answer.ts';
import { etag } from '../etag.ts';

/** 201 with where the new thing is, and its ETag where it has a version. */
export function created(location: string, body: Record<string, unknown>, version?: number): Answer {
  return { status: 201, body, headers: { location, ...(version === undefined ? {} : { etag: etag(version) }) } };
}
