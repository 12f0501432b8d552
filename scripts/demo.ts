import { defineCommand } from 'citty';
import { ledgerChecker } from '../src/audit/check-ledger.ts';
import { readConfig } from '../src/config.ts';
import { toBase64Url } from '../src/kernel/base64.ts';
import { utf8 } from '../src/kernel/bytes.ts';
import { addMs, dayOf, fromEpochMs } from '../src/kernel/instant.ts';
import { logger } from '../src/log.ts';
import { openNode } from '../src/main.ts';
import { nodeSuite } from '../src/suite-node/suite.ts';
import { type Answer, ApiFailed, call } from './api-client.ts';
import { program } from './cli.ts';
import { castOf } from './demo-cast.ts';
import * as q from './demo-queries.ts';

/** What the resident was shown before saying yes; the grant keeps its hash. */
const NOTICE =
  'West Lake Hospital asks to read your prescriptions for your treatment. You may say no, or take it back at any time.';

const say = (line: string): void => console.log(line);
let number = 0;
const step = (line: string): void => say(`\n${++number}. ${line}`);
const detail = (line: string): void => say(`   ${line}`);

/** The demo goes on only when the platform did what the story says; a demo that cannot fail shows nothing. */
function expected(answer: Answer, typename: string): Answer {
  if (answer.__typename !== typename) {
    throw new ApiFailed(`expected ${typename}, got ${answer.__typename} ${answer.code ?? ''} ${answer.message ?? ''}`);
  }
  return answer;
}
const refused = (answer: Answer): void => {
  const { code, message } = expected(answer, 'Refusal');
  detail(`refused: ${code}. ${message}`);
};
const nodesOf = (answer: Answer): Record<string, never>[] =>
  (answer.edges as { node: Record<string, never> }[]).map(({ node }) => node);

async function story(url: string, cast: Awaited<ReturnType<typeof castOf>>): Promise<void> {
  const { tokens, run, document, card } = cast;
  const requestId = (what: string): string => `demo-${run}-${what}`;
  const trace = `demo-${run}-reads`;
  const ask = (token: string, query: string, variables: object = {}): Promise<Answer> =>
    call(url, token, query, { ...variables }, { 'x-request-id': trace });
  const tell = (token: string, query: string, what: string, input: object): Promise<Answer> =>
    ask(token, query, { requestId: requestId(what), input });
  const now = fromEpochMs(Date.now());
  const today = dayOf(now);
  const period = { from: '2020-01-01', to: today };

  step('The regulator registers two hospitals and two doctors.');
  const party = async (query: string, what: string, input: object): Promise<string> =>
    expected(await tell(tokens.regulator, query, what, input), 'PartyRef').id as string;
  const east = await party(q.REGISTER_INSTITUTION, 'east', {
    identifiers: [cast.east],
    name: 'East Gate Hospital',
    level: 3,
  });
  const west = await party(q.REGISTER_INSTITUTION, 'west', {
    identifiers: [cast.west],
    name: 'West Lake Hospital',
    level: 2,
  });
  await party(q.REGISTER_PRACTITIONER, 'lin', { identifiers: [cast.lin], name: 'Dr Lin', affiliations: [east] });
  await party(q.REGISTER_PRACTITIONER, 'zhao', { identifiers: [cast.zhao], name: 'Dr Zhao', affiliations: [west] });
  detail('East Gate Hospital with Dr Lin, West Lake Hospital with Dr Zhao');

  step('The health-code office registers a resident and issues the health code.');
  const issued = await tell(tokens.office, q.REGISTER_RESIDENT, 'resident', {
    region: '110000',
    name: 'Wang Demo',
    birthDate: card.birthDate,
    documents: [document],
  });
  const code = expected(issued, 'IssuedCode').healthCode as string;
  detail(`health code ${code}`);

  step('Dr Lin registers what East Gate Hospital found: a blood count and a prescription.');
  const record = (what: string, category: string, title: string): Promise<Answer> =>
    tell(tokens.lin, q.REGISTER_RECORD, what, {
      code,
      index: 'EMR',
      category,
      period: { from: today, to: today },
      type: 'DiagnosticReport',
      title,
      at: now,
      sourceSystem: 'urn:demo:east',
      sourceId: `${what}-${run}`,
      mediaType: 'application/json',
      content: JSON.stringify({ title, by: 'East Gate Hospital' }),
    });
  expected(await record('blood', 'DIAGNOSTIC_REPORT', 'Full blood count'), 'RecordRef');
  expected(await record('pills', 'PRESCRIPTION', 'Metformin 500 mg'), 'RecordRef');
  detail('two records; index and content are sealed, nothing of them lies in clear');

  step('Dr Zhao of West Lake Hospital tries to open them.');
  refused(await ask(tokens.zhao, q.RECORDS, { code, purpose: 'TREAT' }));

  step('Dr Zhao asks for consent, and the resident sees the request.');
  const validUntil = addMs(now, 30 * 86_400_000);
  const wanted = {
    code,
    granteeKind: 'INSTITUTION',
    purposes: ['TREAT'],
    categories: ['DIAGNOSTIC_REPORT', 'PRESCRIPTION'],
    period,
    validUntil,
  };
  const requested = await tell(tokens.zhao, q.REQUEST_CONSENT, 'ask', {
    ...wanted,
    message: 'For your visit tomorrow',
  });
  const consentId = expected(requested, 'ConsentRef').consentId as string;
  const me = expected(await ask(tokens.resident, q.MY_REQUESTS), 'Me') as unknown as { consentRequests: Answer };
  const [pending] = nodesOf(expected(me.consentRequests, 'ConsentConnection')) as unknown as {
    institution: { name: string };
    terms: { validFrom: string };
  }[];
  detail(`pending: ${pending?.institution.name} asks for diagnostic reports and prescriptions`);

  step('The resident grants less than was asked: prescriptions only.');
  const grant = {
    consentId,
    terms: {
      grantee: { kind: 'INSTITUTION', institution: west },
      purposes: ['TREAT'],
      categories: ['PRESCRIPTION'],
      period,
      validFrom: pending?.terms.validFrom,
      validUntil,
    },
    evidence: {
      noticeHash: toBase64Url(nodeSuite.hash(utf8(NOTICE))),
      noticeVersion: 'demo-1',
      language: 'zh-CN',
      channel: '0402',
      authentication: 'FACE',
    },
  };
  expected(await tell(tokens.resident, q.GRANT_CONSENT, 'grant', grant), 'ConsentRef');
  detail('granted');

  step('Dr Zhao opens the record: exactly what was granted, and an event says so before anything is opened.');
  const opened = expected(await ask(tokens.zhao, q.RECORDS, { code, purpose: 'TREAT' }), 'RecordConnection');
  const found = nodesOf(opened) as unknown as { id: string; title: string; custodian: { name: string } }[];
  if (found.length !== 1) throw new ApiFailed(`expected one record, got ${found.length}`);
  for (const { title, custodian } of found) detail(`${title}, of ${custodian.name}`);
  const copy = await ask(tokens.zhao, q.CONTENT, { code, purpose: 'TREAT', record: found[0]?.id });
  detail(`its content: ${expected(copy, 'Content').text}`);

  step('For research, the same doctor is refused.');
  refused(await ask(tokens.zhao, q.RECORDS, { code, purpose: 'HRESCH' }));

  step('The resident takes the consent back. From then on:');
  expected(await tell(tokens.resident, q.REVOKE_CONSENT, 'revoke', { consentId }), 'Receipt');
  refused(await ask(tokens.zhao, q.RECORDS, { code, purpose: 'TREAT' }));

  step('The resident reads their own log: who, for what, by which rule, and the reasons that the asker was not told.');
  const mine = expected(await ask(tokens.resident, q.MY_LOG), 'Me') as unknown as { accessLog: Answer };
  for (const line of nodesOf(expected(mine.accessLog, 'TrailEntryConnection'))) detail(entryLine(line));

  step('The regulator follows one X-Request-Id through the region; that is recorded as well.');
  const trail = expected(await ask(tokens.regulator, q.TRAIL, { filter: { trace } }), 'TrailEntryConnection');
  detail(`${trail.totalCount} accesses under ${trace}`);
}

function entryLine(node: Record<string, never>): string {
  const { time, kind, actor, organisation, purpose, details } = node as unknown as {
    time: string;
    kind: string;
    actor: { name: string | null };
    organisation: { name: string | null } | null;
    purpose: string | null;
    details: { rule: string | null; count: number | null } | null;
  };
  const who = actor.name === null ? 'you' : `${actor.name}, ${organisation?.name}`;
  const what = details?.count == null ? '' : `, ${details.count} opened`;
  return `${time}  ${kind.padEnd(9)} ${(purpose ?? '').padEnd(7)} ${who} (${details?.rule ?? 'log'}${what})`;
}

async function verdict(): Promise<void> {
  step('fsck re-reads every event of the ledger.');
  const config = readConfig();
  const node = await openNode({ config, log: logger({ level: 'warn' }), audit: true });
  try {
    const { verdict: said, events, streams, finding } = await ledgerChecker(node.audit).finish();
    detail(`${said}: ${events} events in ${streams} streams`);
    if (finding !== undefined) throw new ApiFailed(`${finding.kind}: ${finding.detail}`);
  } finally {
    await node.close();
  }
}

await program(
  defineCommand({
    meta: {
      name: 'npm run demo --',
      description:
        'Tells the whole story against the running API: a code issued, consent granted, a record opened, another refused, consent revoked, the trail checked.',
    },
    args: { url: { type: 'string', description: 'The GraphQL endpoint', valueHint: 'URL' } },
    run: async ({ args }) => {
      const config = readConfig();
      const url = args.url ?? `http://127.0.0.1:${config.port}/graphql`;
      await story(url, await castOf(config));
      await verdict();
    },
  }),
);
