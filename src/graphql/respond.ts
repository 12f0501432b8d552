import { type ExecutionResult, GraphQLError } from 'graphql';
import type { ApiFault } from './fault.ts';
import type { FaultReport } from './fault-report.ts';
import { translateFault } from './translate-fault.ts';

/** What a response is made of, before it becomes one of any HTTP library. */
export interface Reply {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: string;
}

const JSON_TYPE = 'application/json; charset=utf-8';
const GRAPHQL_TYPE = 'application/graphql-response+json; charset=utf-8';

/** Of every answer. What is in it is nobody's to keep. */
const HEADERS = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' } as const;

interface Told {
  readonly fault: ApiFault;
  readonly path?: ReadonlyArray<string | number>;
}

/** An answer of faults alone: nothing was executed. The status is that of the first. */
export function replyFaults(faults: readonly ApiFault[], requestId: string, accept: string | null = null): Reply {
  const [first] = faults;
  if (first === undefined) throw new Error('an answer without a fault');
  return reply(first.status, first.headers, requestId, accept, { errors: faults.map((fault) => printed({ fault })) });
}

/**
 * An answer of what was executed: 200, whatever single fields met. This is the only place where results become text, so nothing that is
 * not an `ApiFault` can be told: any other error is a fault of ours, and masked.
 */
export function replyResult(
  result: ExecutionResult,
  requestId: string,
  accept: string | null,
  report: FaultReport,
): Reply {
  const told = (result.errors ?? []).map((error): Told => {
    const fault = report.told(translateFault(rootOf(error), 'query'), requestId);
    return error.path === undefined ? { fault } : { fault, path: error.path };
  });
  const errors = told.length === 0 ? {} : { errors: told.map(printed) };
  if (result.data === undefined || result.data === null) {
    const first =
      told[0]?.fault ?? report.told(translateFault(new Error('neither data nor errors'), 'query'), requestId);
    const all = told.length === 0 ? [{ fault: first }] : told;
    return reply(first.status, first.headers, requestId, accept, { errors: all.map(printed) });
  }
  return reply(200, {}, requestId, accept, { data: result.data, ...errors });
}

/** Health answers are no GraphQL, and name nothing but parts of the platform. */
export function replyHealth(status: number, state: object): Reply {
  return { status, headers: { ...HEADERS, 'content-type': JSON_TYPE }, body: JSON.stringify(state) };
}

function reply(
  status: number,
  headers: Record<string, string>,
  requestId: string,
  accept: string | null,
  body: object,
): Reply {
  const type = accept !== null && /application\/graphql-response\+json/i.test(accept) ? GRAPHQL_TYPE : JSON_TYPE;
  return {
    status,
    headers: { ...HEADERS, 'content-type': type, 'x-request-id': requestId, ...headers },
    body: JSON.stringify(body),
  };
}

function printed({ fault, path }: Told): object {
  const { locations } = fault.details;
  return {
    message: fault.message,
    ...(locations === undefined ? {} : { locations }),
    ...(path === undefined ? {} : { path }),
    extensions: fault.extensions,
  };
}

/** graphql wraps what a resolver threw, sometimes more than once. */
function rootOf(error: unknown): unknown {
  let root = error;
  while (root instanceof GraphQLError && root.originalError !== undefined && root.originalError !== null)
    root = root.originalError;
  return root;
}
