import { randomInt } from 'node:crypto';
import { type HttpCaller, httpCaller } from './read/http-caller.ts';
import type { AccessTimes } from './read/many-accesses.ts';
import { type Child, startChild } from './support/child.ts';
import { type Bench, bench } from './support/program.ts';
import { type Contest, type Round, type Row, runCallers, runContest, type VoidRow } from './support/rounds.ts';
import { openBenchServer } from './support/server.ts';

/**
 * Ten records behind a health code over HTTP, of residents at random, each asked for by a doctor whom the resident has let read. This
 * process is the load; another serves, with the projector inside it as `npm start` has it (read/api.ts). The three contenders are three
 * listeners of that one process: the same server, token check, schema and executor, and what `records` does differs:
 *
 * subject   the gate: decide, plan, append and wait until it is durable, open
 * baseline  a table of accesses made by hand: insert and commit a row of it, then select the records, which lie there in clear
 * ceiling   the same select alone
 *
 * Every answer is looked at. What was answered and what stands in the ledger are counted against each other, and every leaf is verified.
 */
const CALLERS = [1, 16, 64];
const RECORDS = 10;
const SIZES = {
  full: { residents: 10_000, ms: 4_000, warmUpMs: 500 },
  quick: { residents: 200, ms: 1_500, warmUpMs: 200 },
} as const;
const CAUGHT_UP_MS = 2_000;
const EARLIER_ACCESSES = 10_000;
const CONTENDERS = ['gated', 'audited', 'ungated'] as const;
type Name = (typeof CONTENDERS)[number];

const QUERY = `query Records($code: String!, $first: Int!) {
  records(code: $code, purpose: TREAT, first: $first) {
    __typename
    ... on RecordConnection {
      totalCount
      pageInfo { hasNextPage endCursor }
      edges { node {
        id index category type title at period { from to } custodian { id name } author { id name } contentType contentSize
      } }
    }
    ... on Refusal { code message }
  }
}`;

interface Patient {
  readonly code: string;
  readonly token: string;
}

/** Every answer is a page of ten records, and nothing went wrong. */
function check(body: string): void {
  const records = body.split('"contentSize":').length - 1;
  const whole = body.includes('"__typename":"RecordConnection"') && !body.includes('"errors":');
  if (!whole || records !== RECORDS) throw new Error(`not a page of ${RECORDS} records: ${body.slice(0, 200)}`);
}

/** What the callers of one contender do; `answered` counts their answers, unmeasured ones included. */
function callersOf(of: Bench, api: Child, patients: readonly Patient[], name: Name, url: string) {
  const size = of.quick ? SIZES.quick : SIZES.full;
  let answered = 0;
  const ask = async (connection: HttpCaller | undefined, { code, token }: Patient): Promise<void> => {
    if (connection === undefined) throw new Error('a caller without a connection');
    check(await connection.post(token, JSON.stringify({ query: QUERY, variables: { code, first: RECORDS } })));
    answered += 1;
  };
  const connected = async <T>(
    callers: number,
    work: (connections: readonly HttpCaller[]) => Promise<T>,
  ): Promise<T> => {
    const connections = await Promise.all(Array.from({ length: callers }, () => httpCaller(url)));
    try {
      return await work(connections);
    } finally {
      for (const connection of connections) connection.close();
    }
  };
  return {
    answered: () => answered,
    /** Once for every resident: what a process remembers of a stream, and compiled code, are those of one that has run for a while. */
    warm: () =>
      connected(16, async (connections) => {
        let next = 0;
        const pass = async (connection: HttpCaller): Promise<void> => {
          for (let patient = patients[next++]; patient !== undefined; patient = patients[next++])
            await ask(connection, patient);
        };
        await Promise.all(connections.map(pass));
      }),
    round: (callers: number) => (): Promise<Round> =>
      connected(callers, async (connections) => {
        const before = (await api.ask('cpuMs')) as number;
        const from = answered;
        const call = (n: number) => ask(connections[n], patients[randomInt(patients.length)] as Patient);
        const result = await runCallers({ callers, ms: size.ms, warmUpMs: size.warmUpMs, call });
        const spent = ((await api.ask('cpuMs')) as number) - before;
        of.talk(
          `  ${name}, ${callers} callers: ${(spent / (answered - from)).toFixed(2)} ms of the server's time an answer`,
        );
        return result;
      }),
  };
}

async function run(of: Bench) {
  const { residents } = of.quick ? SIZES.quick : SIZES.full;
  const server = await openBenchServer(of);
  const { environment } = await server.newDatabase();
  const profile = process.env.BENCH_PROFILE;
  const api = startChild(
    of,
    new URL('./read/api.ts', import.meta.url),
    environment,
    profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`],
  );
  of.talk(`bringing in ${residents} residents`);
  const patients = (await api.ask('populate', residents)) as readonly Patient[];
  const urls = (await api.ask('listen')) as Record<Name, string>;
  const callers = (name: Name) => callersOf(of, api, patients, name, urls[name]);
  const [gated, audited, ungated] = [callers('gated'), callers('audited'), callers('ungated')];
  for (const { warm } of [gated, audited, ungated]) await warm();

  const rows: (Row | VoidRow)[] = [];
  for (const count of CALLERS) {
    const contest: Contest = {
      callers: count,
      subject: gated.round(count),
      baseline: audited.round(count),
      ceiling: ungated.round(count),
    };
    rows.push(await runContest(contest, of.rounds, of.talk));
  }
  if ((await api.ask('caughtUp', CAUGHT_UP_MS)) !== true)
    throw new Error('the read tables were not caught up after 2 s');
  const accesses = (await api.ask('accesses')) as number;
  if (accesses !== gated.answered())
    throw new Error(`${gated.answered()} pages were answered, and ${accesses} accesses stand in the ledger`);
  if (!of.quick) {
    const { few, many } = (await api.ask('timesAfter', EARLIER_ACCESSES)) as AccessTimes;
    const ratio = (a: number, b: number): string =>
      `${b.toFixed(2)} against ${a.toFixed(2)} ms (${(b / a).toFixed(2)})`;
    of.talk(`after ${EARLIER_ACCESSES} earlier accesses against ten, warm: ${ratio(few.warmMs, many.warmMs)}`);
    of.talk(`the same in a fresh process: ${ratio(few.freshMs, many.freshMs)}`);
  }
  await api.ask('verify');
  return { rows, postgres: server.version };
}

await bench({
  name: 'read',
  description:
    'Ten records behind a health code over HTTP, through the gate, beside a table of accesses made by hand (baseline) and beside the same query without decision and event (ceiling), all behind the same server.',
  run,
});
