import { Fault } from '../src/kernel/fault.ts';

/** The API cannot be reached, or it answered with an error of its own. */
export class ApiFailed extends Fault {
  readonly code = 'api-failed';
}

/** A union's member as GraphQL gives it; `Refusal` says code and message. */
export interface Answer {
  readonly __typename: string;
  readonly code?: string;
  readonly message?: string;
  readonly [field: string]: unknown;
}

const NEXT: Readonly<Record<string, string>> = {
  UNAUTHENTICATED: 'take a new token: npm run -s token -- --help',
  BUSY: 'run it again in a moment',
  LIMIT: 'run it again in a minute',
};

/**
 * One GraphQL call over HTTP as the bearer of a token. Resolves to the only top-level field's value.
 * Throws `ApiFailed` with the API's own code when there are errors, or when nobody listens.
 */
export async function call(
  url: string,
  token: string,
  query: string,
  variables: Readonly<Record<string, unknown>> = {},
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  let response: Response;
  try {
    response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}`, ...headers },
      body: JSON.stringify({ query, variables }),
    });
  } catch (cause) {
    throw new ApiFailed(`nobody listens at ${url}`, {
      cause,
      next: 'run npm start in another terminal, or give --url',
    });
  }
  const body = (await response.json().catch(() => ({}))) as {
    data?: Record<string, Answer> | null;
    errors?: readonly { message: string; extensions?: { code?: string } }[];
  };
  const [error] = body.errors ?? [];
  if (error !== undefined) {
    const code = error.extensions?.code ?? String(response.status);
    throw new ApiFailed(`${code}: ${error.message}`, { next: NEXT[code] ?? 'look at what it names, and at --help' });
  }
  const [value] = Object.values(body.data ?? {});
  if (value === undefined) {
    throw new ApiFailed(`what answers at ${url} is no GraphQL API (HTTP ${response.status})`, {
      next: 'give --url as `ready` of npm start says it',
    });
  }
  return value;
}
