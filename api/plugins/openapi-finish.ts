import { problems, problemType, type ProblemCode } from '../problem.ts';

/** The parts of an OpenAPI document that are finished here. */
interface Document {
  paths?: Record<string, Record<string, Operation>>;
  components?: Record<string, Record<string, unknown>>;
}
interface Operation {
  parameters?: { name: string; in: string; required?: boolean }[];
  responses?: Record<string, Response>;
}
interface Response {
  $ref?: string;
  description?: string;
  headers?: Record<string, unknown>;
  content?: Record<string, { schema?: unknown; examples: Record<string, unknown> }>;
}

const descriptions: Record<string, string> = {
  200: 'Done.', 201: 'Made.', 202: 'Taken in; the outcome is not known yet.', 204: 'Done; there is nothing to say.', 303: 'See there.', 503: 'Not ready.',
};

const problemJson = 'application/problem+json';

const headerNames: Record<string, string> = { 'idempotency-key': 'Idempotency-Key', 'if-match': 'If-Match' };

const text = (description: string, example: string) => ({ description, schema: { type: 'string' }, example });

/** Headers of answers, referred to by every operation that gives them. */
const headers = {
  'X-Request-Id': text('Names this request in our logs; yours when you sent one.', 'req_01jd5e7c2kf0v8t3xq4n6m9hzb'),
  ETag: text('The version, for If-Match.', '"v3"'),
  Location: text('Where it is.', '/api/orders/ord_01jd5e7c2kf0v8t3xq4n6m9hzb'),
  'Idempotent-Replayed': text('true when this is the kept answer of an earlier request with the same key.', 'true'),
  RateLimit: text('What is left (r) and when it is renewed (t, seconds).', '"default";r=59999;t=60'),
  'RateLimit-Policy': text('Requests (q) per window (w, seconds).', '"default";q=60000;w=60'),
  'Retry-After': text('Seconds to wait.', '2'),
  Accept: text('The types of body that are taken.', 'application/json'),
};

const refTo = (name: keyof typeof headers) => ({ $ref: `#/components/headers/${name}` });

/**
 * Finishes the generated document: names headers as they are written, marks as required what the API refuses
 * with a code of its own, and documents the headers of answers.
 */
export function finishDocument(document: Document): Document {
  for (const path of Object.values(document.paths ?? {})) {
    for (const [method, operation] of Object.entries(path)) {
      for (const parameter of operation.parameters ?? []) nameHeader(parameter, method);
      const idempotent = operation.parameters?.some(({ name }) => name === 'Idempotency-Key') ?? false;
      addProblems(operation, refusedUnread(method, operation));
      for (const [status, response] of Object.entries(operation.responses ?? {})) finishResponse(status, response, idempotent);
    }
  }
  const responses = shareProblems(document);
  const used = JSON.stringify(responses);
  const examples = Object.fromEntries(Object.entries(problemExamples()).filter(([code]) => used.includes(`"#/components/examples/${code}"`)));
  return { ...document, components: { ...document.components, examples, headers, responses } };
}

/** What is refused before a route looks at it: a path that can't be decoded, and a body that can't be read, even where none is taken. */
function refusedUnread(method: string, { parameters = [] }: Operation): ProblemCode[] {
  if (method !== 'get') return ['malformed_request', 'payload_too_large', 'unsupported_media_type'];
  return parameters.some((parameter) => parameter.in === 'path') ? ['malformed_request'] : [];
}

/** Lists further problems of an operation, beside those that it has under the same status. */
function addProblems(operation: Operation, codes: readonly ProblemCode[]): void {
  const responses = (operation.responses ??= {});
  for (const code of codes) {
    const { status } = problems[code];
    const examples = { ...responses[status]?.content?.[problemJson]?.examples, [code]: { $ref: `#/components/examples/${code}` } };
    const description = Object.keys(examples).map((name) => problems[name as ProblemCode].title).join('; ');
    responses[status] = { description, content: { [problemJson]: { schema: { $ref: '#/components/schemas/Problem' }, examples } } };
  }
}

/** The same refusal of many operations is written once, under the names of its codes. */
function shareProblems(document: Document): Record<string, unknown> {
  const shared: Record<string, unknown> = {};
  for (const operation of Object.values(document.paths ?? {}).flatMap((path) => Object.values(path))) {
    for (const [status, response] of Object.entries(operation.responses ?? {})) {
      const problem = response.content?.[problemJson];
      if (!problem) continue;
      const name = Object.keys(problem.examples).join('-or-');
      shared[name] = response;
      operation.responses![status] = { $ref: `#/components/responses/${name}` };
    }
  }
  return shared;
}

function nameHeader(parameter: { name: string; in: string; required?: boolean }, method: string): void {
  const name = parameter.in === 'header' ? headerNames[parameter.name] : undefined;
  if (!name) return;
  parameter.name = name;
  parameter.required = method === 'post' || name === 'If-Match';
}

function finishResponse(status: string, response: Response, idempotent: boolean): void {
  if (!response.description || response.description === 'Default Response') response.description = descriptions[status] ?? 'Done.';
  const names: (keyof typeof headers)[] = ['X-Request-Id'];
  if (status === '201' || status === '202') names.push('Location');
  if (idempotent && status.startsWith('2')) names.push('Idempotent-Replayed');
  if (status === '415') names.push('Accept');
  if (['202', '409', '429', '503'].includes(status)) names.push('Retry-After');
  if (status.startsWith('2') || status === '429') names.push('RateLimit', 'RateLimit-Policy');
  if (status === '200' || status === '201') names.push('ETag');
  response.headers = Object.fromEntries(names.map((name) => [name, refTo(name)]));
}

/** An example per code, once; answers refer to it. */
function problemExamples(): Record<string, unknown> {
  const codes = Object.keys(problems) as ProblemCode[];
  return Object.fromEntries(
    codes.map((code) => {
      const { status, title, help } = problems[code];
      const value = { type: problemType(code), title, status, detail: help, code, request_id: 'req_01jd5e7c2kf0v8t3xq4n6m9hzb' };
      return [code, { summary: title, value: code === 'validation_failed' ? { ...value, errors: [{ pointer: '/lines/0/quantity', detail: 'must be >= 1' }] } : value }];
    }),
  );
}
