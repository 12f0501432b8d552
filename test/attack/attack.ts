import type { GraphQLSchema } from 'graphql';
import { toPastEvents } from '../../src/app/past-event.ts';
import type { RecordedEvent } from '../../src/ledger/port.ts';
import type { ApiUnderTest, Reply } from '../support/api.ts';
import { compareAnswer, type Finding, type Found } from './compare.ts';
import { diceOf } from './dice.ts';
import { type Asked, anyDocument } from './documents.ts';
import { early } from './early.ts';
import type { Expected } from './expected.ts';
import { type Harvest, harvest } from './harvest.ts';
import type { Population } from './population.ts';
import { publishedSchema } from './published.ts';
import { reference } from './reference.ts';
import { shrunk } from './shrink.ts';
import { checkTrail, type Recorded } from './trail-check.ts';
import type { KnownActor } from './truth.ts';

/** Sends random documents, and compares each answer, and each event that it leaves, with what the oracle expects. */

export interface Attacked {
  /** With the seed it says which document of the run it is. */
  readonly number: number;
  readonly actor: KnownActor | undefined;
  readonly asked: Asked;
  readonly findings: readonly Finding[];
}

export interface Tally {
  documents: number;
  /** Answers by kind, so that a run that only met refusals shows. */
  readonly met: Record<string, number>;
  slowestMs: number;
}

export interface Attack {
  /** So many documents at once; the ones that were not answered as expected. */
  batch(documents: number): Promise<readonly Attacked[]>;
  /** Something that happens between two batches; the oracle must know of it when it is over. */
  between<T>(action: () => Promise<T>): Promise<T>;
  /** The smallest document that fails like this one, written for people. */
  explain(failed: Attacked): Promise<string>;
  readonly tally: Tally;
  readonly harvest: Harvest;
}

/** An answer that takes longer holds up others; far beyond what the most expensive document takes on a busy machine. */
const LONGEST_MS = 20_000;
const WITHOUT_TOKEN = 0.03;

interface Sent {
  readonly number: number;
  readonly actor: KnownActor | undefined;
  readonly asked: Asked;
  readonly trace: string;
  readonly expected: Expected;
}

export async function attackOn(api: ApiUnderTest, population: Population, seed: number): Promise<Attack> {
  const { truth } = population;
  const schema = publishedSchema();
  const dice = diceOf(seed);
  const given = harvest();
  const log: Recorded[] = [];
  const traces: string[] = [];
  const seenEvents = new Set<string>();
  const tally: Tally = { documents: 0, met: {}, slowestMs: 0 };
  let sent = 0;
  let end = await api.node.app.ledger.end();

  const prepared = (actor: KnownActor | undefined, asked: Asked): Sent => {
    const number = sent++;
    const trace = `attack-${seed}-${number}`;
    return { number, actor, asked, trace, expected: expectation(schema, population, given, actor, asked) };
  };

  const send = async ({ actor, asked, trace }: Sent): Promise<{ reply: Reply; ms: number }> => {
    const began = performance.now();
    const { query, variables, operationName } = asked;
    const authorization = actor === undefined ? {} : { authorization: `Bearer ${actor.token}` };
    const response = await fetch(api.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-request-id': trace, ...authorization },
      body: JSON.stringify({ query, variables, ...(operationName === undefined ? {} : { operationName }) }),
    });
    const text = await response.text();
    const { data, errors = [] } = JSON.parse(text) as Partial<Reply>;
    return {
      reply: { status: response.status, headers: response.headers, text, data, errors },
      ms: performance.now() - began,
    };
  };

  const run = async (all: readonly Sent[]): Promise<Attacked[]> => {
    const settled = log.length;
    log.push(...all.flatMap(({ expected, trace }) => expected.events.map((event) => ({ ...event, trace }))));
    const replies = await Promise.all(all.map(send));
    const left = await eventsSince();
    return all.map((one, i) => {
      const { reply, ms } = replies[i] as (typeof replies)[number];
      const found = compareAnswer(truth, one.actor, JSON.stringify(one.asked), one.expected, reply);
      const findings = [...found.findings, ...eventFindings(one, left.get(one.trace) ?? []), ...harvested(found)];
      for (const trail of one.expected.trails) {
        const shown = found.trails.get(trail.path);
        findings.push(...checkTrail(trail, shown, log, settled));
        findings.push(...harvested({ ...found, eventIds: [], given: cursorsOf(shown, one, trail) }));
      }
      left.delete(one.trace);
      if (ms > LONGEST_MS) findings.push({ kind: 'slow', what: `${Math.round(ms)} ms` });
      tally.slowestMs = Math.max(tally.slowestMs, ms);
      count(one.expected);
      traces.push(one.trace);
      const stray =
        i === all.length - 1
          ? [...left].map(([trace, events]) => ({ kind: 'event' as const, what: `${trace} left ${events}` }))
          : [];
      return { ...one, findings: [...findings, ...stray] };
    });
  };

  /** What one answer gave out: nothing is given twice under two meanings, and no event stands for two answers. */
  const harvested = ({ given: tokens, eventIds }: Pick<Found, 'given' | 'eventIds'>): Finding[] => {
    const findings: Finding[] = [];
    for (const id of new Set(eventIds)) {
      if (seenEvents.has(id)) findings.push({ kind: 'event', what: 'one event for two answers' });
      seenEvents.add(id);
    }
    for (const { token, given: meaning } of tokens) {
      try {
        given.add(token, meaning);
      } catch (error) {
        findings.push({ kind: 'difference', what: (error as Error).message });
      }
    }
    return findings;
  };

  /** Events since the last look, by the request that left them, each as one line. */
  const eventsSince = async (): Promise<Map<string, string[]>> => {
    const recorded: RecordedEvent[] = [];
    for await (const event of api.node.app.ledger.readAll(end)) recorded.push(event);
    end = recorded.at(-1)?.position ?? end;
    const byTrace = new Map<string, string[]>();
    for (const { type, stream, retained } of await toPastEvents(recorded, api.node.app.openRetained)) {
      if (retained === 'expired') throw new Error('an event of today has expired');
      const { by, trace = '-', purpose = null, served } = retained as never as Line;
      const line = lineOf(
        type.replace(/@.*/, ''),
        stream,
        `${by.kind} ${by.id} ${by.organisation ?? '-'}`,
        purpose,
        type.startsWith('access.permitted') ? served : undefined,
      );
      byTrace.set(trace, [...(byTrace.get(trace) ?? []), line]);
    }
    return byTrace;
  };

  const count = ({ status, data, events, errors, limit }: Expected): void => {
    tally.documents += 1;
    const kinds = [
      `status ${status}`,
      ...events.map(({ type }) => type),
      ...(errors.length > 0 && data !== undefined ? ['faults beside data'] : []),
    ];
    if (limit !== undefined) kinds.push(`limit of ${limit}`);
    if (events.some(({ served }) => (served?.count ?? 0) > 0)) kinds.push('records opened');
    for (const kind of new Set(kinds)) tally.met[kind] = (tally.met[kind] ?? 0) + 1;
  };

  return {
    tally,
    harvest: given,
    batch: async (documents) => {
      const all = Array.from({ length: documents }, () => {
        const actor = dice.pick(truth.actors);
        // Each document has dice of its own, so that what came before it changes nothing but what there is to choose from.
        const own = diceOf(Math.imul(seed, 0x9e3779b1) + sent);
        const asked = anyDocument(schema, {
          truth,
          harvest: given,
          dice: own,
          actor,
          traces: traces.slice(-50),
          greedy: own.chance(0.04),
        });
        return prepared(own.chance(WITHOUT_TOKEN) ? undefined : actor, asked);
      });
      return (await run(all)).filter(({ findings }) => findings.length > 0);
    },
    between: async (action) => {
      const answer = await action();
      end = await api.node.app.ledger.end();
      return answer;
    },
    explain: async ({ number, actor, asked, findings }) => {
      const alone = async (smaller: Asked): Promise<readonly Finding[]> =>
        (await run([prepared(actor, smaller)]))[0]?.findings ?? [];
      const kinds = new Set(findings.map(({ kind }) => kind));
      const smallest = await shrunk(schema, asked, async (smaller) =>
        (await alone(smaller)).some(({ kind }) => kinds.has(kind)),
      );
      const { query, variables } = smallest;
      const told = findings.map(({ kind, what }) => `  ${kind}: ${what}`);
      return [
        `seed ${seed}, document ${number}, asked by ${actor?.name ?? 'nobody'}:`,
        ...told,
        query,
        JSON.stringify(variables),
      ].join('\n');
    },
  };
}

interface Line {
  readonly by: { readonly kind: string; readonly id: string; readonly organisation?: string };
  readonly trace?: string;
  readonly purpose?: string;
  readonly served?: { readonly count: number; readonly matched: number };
}

function lineOf(type: string, stream: string, by: string, purpose: string | null, served: Line['served']): string {
  return [type, stream, by, purpose ?? '-', served === undefined ? '-' : `${served.count} of ${served.matched}`].join(
    ' ',
  );
}

/** Exactly one event for each occurrence of a gated field that was answered, where it belongs, in the name of who asked. */
function eventFindings({ expected }: Sent, left: readonly string[]): Finding[] {
  const due = expected.events.map(({ type, stream, actor, purpose, served }) =>
    lineOf(type, stream, `${actor.role} ${actor.id} ${actor.organisation?.id ?? '-'}`, purpose, served),
  );
  const [wanted, there] = [due.sort().join('\n'), [...left].sort().join('\n')];
  return wanted === there ? [] : [{ kind: 'event', what: `left\n${there}\nnot\n${wanted}` }];
}

/** What is due: refused without a token, by a limit or for its form; else what the reference answers. */
function expectation(
  schema: GraphQLSchema,
  { truth }: Population,
  given: Harvest,
  actor: KnownActor | undefined,
  asked: Asked,
): Expected {
  const nothing = { events: [], trails: [] };
  if (actor === undefined) return { status: 401, errors: ['UNAUTHENTICATED'], ...nothing };
  const { query, variables, operationName } = asked;
  const first = early(schema, query, operationName, variables);
  if (first.code !== undefined) {
    const limit = 'limit' in first ? { limit: first.limit } : {};
    return { status: 400, errors: [first.code], ...nothing, ...limit };
  }
  const now = new Date().toISOString();
  return reference(schema, { document: first.document, operationName, variables, truth, harvest: given, actor, now });
}

/** Cursors that stand in a page of a trail. */
function cursorsOf(shown: unknown, { actor }: Sent, { binding, args }: Expected['trails'][number]): Found['given'] {
  const { edges = [], pageInfo = {} } = (shown ?? {}) as {
    edges?: { cursor?: string }[];
    pageInfo?: { endCursor?: string | null };
  };
  const cursors = [...edges.map(({ cursor }) => cursor), pageInfo.endCursor].filter(
    (cursor) => typeof cursor === 'string',
  );
  return [...new Set(cursors)].map((token) => ({
    token,
    given: { kind: 'cursor', actor: actor?.id ?? '', binding, position: token, args },
  }));
}
