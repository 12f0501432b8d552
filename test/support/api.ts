import { expect } from 'vitest';
import { toPastEvents } from '../../src/app/past-event.ts';
import { type DevelopmentToken, mintDevelopmentToken } from '../../src/auth/development-token.ts';
import { type TokenVerifier, tokenVerifier } from '../../src/auth/verifier.ts';
import { createApiServer } from '../../src/graphql/server.ts';
import type { Probe } from '../../src/kernel/probe.ts';
import { logger } from '../../src/log.ts';
import { openTestNode, type TestNode } from './test-node.ts';

/** The API as anybody on the network meets it: a whole node behind its HTTP server, asked with `fetch` and nothing else. */

/** An answer, byte for byte and parsed. */
export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly data: Readonly<Record<string, Answer>> | undefined;
  readonly errors: readonly {
    readonly message: string;
    readonly path?: readonly (string | number)[];
    readonly extensions: { readonly code: string } & Readonly<Record<string, unknown>>;
  }[];
}

/** A union's member, or an object that has no other. */
export interface Answer {
  readonly __typename: string;
  readonly [field: string]: unknown;
}

/** A page of a connection. */
export interface Page<N> {
  readonly totalCount: number;
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
  readonly edges: readonly { readonly cursor: string; readonly node: N }[];
}

/** An event as an auditor with the keys reads it. */
export interface Written {
  readonly type: string;
  readonly stream: string;
  readonly retained: Readonly<Record<string, unknown>>;
}

export type Variables = Readonly<Record<string, unknown>>;
export type HeaderTexts = Readonly<Record<string, string>>;

/** One GraphQL request. `token` undefined: no authorization header at all. */
export async function post(
  url: string,
  token: string | undefined,
  query: string,
  variables: Variables = {},
  headers: HeaderTexts = {},
): Promise<Reply> {
  const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...authorization, ...headers },
    body: JSON.stringify({ query, variables }),
  });
  const text = await response.text();
  const body = JSON.parse(text) as Partial<Pick<Reply, 'data' | 'errors'>>;
  return { status: response.status, headers: response.headers, text, data: body.data, errors: body.errors ?? [] };
}

/** The value of the only top-level field. Fails when there are errors. */
export function only(reply: Reply): Answer {
  expect(reply.errors, reply.text).toEqual([]);
  const [value, second] = Object.values(reply.data ?? {});
  if (value === undefined || second !== undefined) throw new Error(`not one field: ${reply.text}`);
  return value;
}

/** That answer as a page of the connection. */
export function page<N>(answer: unknown): Page<N> {
  expect((answer as Answer).__typename, JSON.stringify(answer)).toMatch(/Connection$/);
  return answer as Page<N>;
}

export const nodesOf = <N>({ edges }: Page<N>): readonly N[] => edges.map(({ node }) => node);

export interface ApiUnderTest {
  readonly node: TestNode;
  readonly url: string;
  /** A token that the server takes; valid for half an hour unless told. */
  mint(token: Omit<DevelopmentToken, 'minutes'> & { readonly minutes?: number }): Promise<string>;
  post(token: string | undefined, query: string, variables?: Variables, headers?: HeaderTexts): Promise<Reply>;
  /** Runs `action` and reads what stands in the ledger since: of every stream, in order. Nothing else may run meanwhile. */
  written<T>(action: () => Promise<T>): Promise<{ readonly answer: T; readonly events: readonly Written[] }>;
  /** How many faults of each code this API told. */
  faultCounts(): Readonly<Record<string, number>>;
  /** Another server over the same node, with another way of checking tokens. */
  serve(verifier: TokenVerifier): Promise<{ readonly url: string; stop(): Promise<void> }>;
  close(): Promise<void>;
}

/** Opens a node over a database of its own, and its API on a free port of the loopback address. */
export async function openApi(
  options: { readonly probe?: Probe; readonly ratePerMinute?: number } = {},
): Promise<ApiUnderTest> {
  const { ratePerMinute = 100_000, ...told } = options;
  const node = await openTestNode(told);
  const { clock } = node.app;
  const key = node.keyring.developmentToken;
  const serve = async (verifier: TokenVerifier) => {
    const server = createApiServer({
      platform: node.platform,
      entropy: node.app.entropy,
      verifier,
      log: logger({ level: 'silent' }),
      development: true,
      ratePerMinute,
      readiness: () => node.health(),
      ...told,
    });
    const url = await server.listen(0, '127.0.0.1');
    return { url, stop: () => server.stop(1_000), faultCounts: () => server.faultCounts() };
  };
  try {
    const verifier = await tokenVerifier({ provider: undefined, host: '127.0.0.1', developmentKey: key, clock });
    const { url, stop, faultCounts } = await serve(verifier);
    return {
      node,
      url,
      faultCounts,
      mint: (token) => mintDevelopmentToken(key, { minutes: 30, ...token }, clock),
      post: (token, query, variables, headers) => post(url, token, query, variables, headers),
      written: async (action) => {
        const before = await node.app.ledger.end();
        const answer = await action();
        const recorded = [];
        for await (const event of node.app.ledger.readAll(before)) recorded.push(event);
        const past = await toPastEvents(recorded, node.app.openRetained);
        const events = past.map(({ type, stream, retained }) => {
          if (retained === 'expired') throw new Error('an event of today has expired');
          return { type, stream, retained };
        });
        return { answer, events };
      },
      serve,
      close: async () => {
        await stop();
        await node.close();
      },
    };
  } catch (error) {
    await node.close();
    throw error;
  }
}
