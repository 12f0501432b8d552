import { mintDevelopmentToken } from '../../src/auth/development-token.ts';
import { tokenVerifier } from '../../src/auth/verifier.ts';
import { graphqlEndpoint } from '../../src/graphql/endpoint.ts';
import { faultReport, type Log } from '../../src/graphql/fault-report.ts';
import { rateLimit } from '../../src/graphql/rate-limit.ts';
import type { ActorKind } from '../../src/kernel/event.ts';
import { type FakePlatform, fakePlatform } from './fake-platform.ts';
import { type SeededClock, seededClock, seededEntropy } from './seeded.ts';

export const DEVELOPMENT_KEY = seededEntropy('development-token').bytes(32);

export interface LoggedLine {
  readonly level: 'info' | 'warn' | 'error';
  readonly fields: Record<string, unknown>;
  readonly message: string;
}

/** A logger that keeps its lines. */
export function keptLog(): { readonly log: Log; readonly lines: LoggedLine[] } {
  const lines: LoggedLine[] = [];
  const at = (level: LoggedLine['level']) => (fields: Record<string, unknown>, message: string) => {
    lines.push({ level, fields, message });
  };
  return { lines, log: { info: at('info'), warn: at('warn'), error: at('error') } as unknown as Log };
}

export interface Posted {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: answers are looked into by the tests, field by field
  readonly data: any;
  readonly errors: readonly {
    readonly message: string;
    readonly path?: readonly (string | number)[];
    readonly extensions: { readonly code: string } & Record<string, unknown>;
  }[];
  readonly text: string;
}

/** A token of a role, complete for it, that lives half an hour. */
export function tokenOf(role: ActorKind, clock: SeededClock, subject = `${role}-1`): Promise<string> {
  const organisation = { system: 'urn:uscc', number: '91350100M000100Y43' };
  const practitioner = { system: 'urn:licence', number: '110000000000001' };
  return mintDevelopmentToken(
    DEVELOPMENT_KEY,
    {
      role,
      subject,
      minutes: 30,
      ...(role === 'resident' ? {} : { organisation }),
      ...(role === 'practitioner' ? { practitioner } : {}),
    },
    clock,
  );
}

export async function posted(response: Response): Promise<Posted> {
  const text = await response.text();
  const body = JSON.parse(text) as { data?: unknown; errors?: Posted['errors'] };
  return { status: response.status, headers: response.headers, data: body.data, errors: body.errors ?? [], text };
}

export interface TestApi {
  readonly platform: FakePlatform;
  readonly clock: SeededClock;
  readonly lines: LoggedLine[];
  readonly counts: () => Record<string, number>;
  /** Any request to the endpoint, in process. */
  fetch(init: RequestInit): Promise<Response>;
  /** A proper request of a role. */
  post(role: ActorKind, query: string, variables?: object, headers?: Record<string, string>): Promise<Posted>;
}

/** The endpoint over a fake platform, in process, with development tokens and a clock that stands still. */
export async function testApi(options: { development?: boolean; ratePerMinute?: number } = {}): Promise<TestApi> {
  const platform = fakePlatform();
  const clock = seededClock();
  const { log, lines } = keptLog();
  const faults = faultReport(log);
  const verifier = await tokenVerifier({
    provider: undefined,
    host: '127.0.0.1',
    developmentKey: DEVELOPMENT_KEY,
    clock,
  });
  const endpoint = graphqlEndpoint({
    platform,
    verifier,
    entropy: seededEntropy('requests'),
    rate: rateLimit(options.ratePerMinute ?? 100_000),
    faults,
    development: options.development ?? true,
  });
  const fetch = async (init: RequestInit): Promise<Response> => endpoint.fetch('http://127.0.0.1/graphql', init);
  return {
    platform,
    clock,
    lines,
    counts: () => faults.counts(),
    fetch,
    post: async (role, query, variables = {}, headers = {}) => {
      const authorization = `Bearer ${await tokenOf(role, clock)}`;
      const body = JSON.stringify({ query, variables });
      const all = { 'content-type': 'application/json', authorization, ...headers };
      return posted(await fetch({ method: 'POST', headers: all, body }));
    },
  };
}
