import { concat, fromUtf8 } from '../kernel/bytes.ts';
import { ApiFault, badInput } from './fault.ts';

/**
 * One cap for every request: the largest content, 16 MiB, and half as much again for its escapes inside JSON and for what stands around
 * it. Nothing of a body is read before its token is verified.
 */
export const MAX_BODY_BYTES = 24 * 1024 * 1024;
/** Bodies that one process holds at once, so that many large ones cannot exhaust it. */
const MAX_HELD_BYTES = 8 * MAX_BODY_BYTES;
const RETRY_MS = 1_000;

/** What a GraphQL request holds. */
export interface Params {
  readonly query: string;
  readonly operationName?: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** Reads bodies within a budget that they share. */
export interface BodyReader {
  /** Throws TOO_LARGE, BUSY or BAD_INPUT. What it leaves unread is the connection's to discard. */
  read(chunks: AsyncIterable<Uint8Array>, declaredLength: string | null): Promise<Params>;
}

export function bodyReader(): BodyReader {
  let held = 0;
  return {
    async read(chunks, declaredLength) {
      if (declaredLength !== null && Number(declaredLength) > MAX_BODY_BYTES) throw tooLarge();
      const parts: Uint8Array[] = [];
      let length = 0;
      try {
        for await (const chunk of unbroken(chunks)) {
          length += chunk.length;
          held += chunk.length;
          if (length > MAX_BODY_BYTES) throw tooLarge();
          if (held > MAX_HELD_BYTES) {
            throw new ApiFault('BUSY', 'too many large requests at once: send the same again', {
              retryAfterMs: RETRY_MS,
            });
          }
          parts.push(chunk);
        }
        return parseBody(concat(...parts));
      } finally {
        held -= length;
      }
    },
  };
}

/** A connection that breaks off is its caller's doing, not a fault of ours. */
async function* unbroken(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* chunks;
  } catch (cause) {
    throw new ApiFault('BAD_INPUT', 'body: broke off', { path: 'body' }, cause);
  }
}

const tooLarge = (): ApiFault => new ApiFault('TOO_LARGE', `the body is larger than ${MAX_BODY_BYTES} bytes`);

const KNOWN = new Set(['query', 'operationName', 'variables', 'extensions']);

/** Bytes that an attacker controls: UTF-8, one JSON object of the four members that GraphQL over HTTP knows; a list is a batch, and refused. */
export function parseBody(bytes: Uint8Array): Params {
  let value: unknown;
  try {
    value = JSON.parse(fromUtf8(bytes));
  } catch {
    throw badInput('body', 'not JSON in UTF-8');
  }
  if (Array.isArray(value)) throw badInput('body', 'a list of operations: send one at a time');
  if (!isObject(value)) throw badInput('body', 'not a JSON object');
  if (Object.keys(value).some((key) => !KNOWN.has(key)))
    throw badInput('body', `has a member that is none of ${[...KNOWN].join(', ')}`);
  const { query, operationName, variables, extensions } = value;
  if (typeof query !== 'string') throw badInput('query', 'is not a text');
  if (operationName !== undefined && operationName !== null && typeof operationName !== 'string') {
    throw badInput('operationName', 'is neither a text nor null');
  }
  if (variables !== undefined && variables !== null && !isObject(variables)) {
    throw badInput('variables', 'is neither an object nor null');
  }
  if (extensions !== undefined && extensions !== null && !isObject(extensions)) {
    throw badInput('extensions', 'is neither an object nor null');
  }
  return {
    query,
    ...(typeof operationName === 'string' ? { operationName } : {}),
    variables: isObject(variables) ? variables : {},
  };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
