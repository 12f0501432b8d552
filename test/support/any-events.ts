import fc from 'fast-check';
import type { AnyNewEvent } from '../../src/domain/catalogue.ts';
import { u32, utf8 } from '../../src/kernel/bytes.ts';
import {
  type Id16,
  institutionStream,
  type Mark,
  practitionerStream,
  residentStream,
  type StreamName,
} from '../../src/kernel/id.ts';
import type { Instant } from '../../src/kernel/instant.ts';
import { nodeSuite as suite } from '../../src/suite-node/suite.ts';
import { day, idOf, labelOf, markOf, type PlainEvent, START } from './plain-events.ts';

export const recordEvent = (
  type: 'record.registered@1' | 'record.replaced@1',
  n: number,
  over: {
    category?: 'outpatient' | 'imaging' | 'prescription';
    from?: string;
    to?: string;
    marks?: Mark[];
    version?: number;
  } = {},
): AnyNewEvent => ({
  type,
  retained: {
    recordId: idOf('record', n),
    // A record keeps its index for life, so it follows from the number.
    index: n % 2 === 0 ? 'EHR' : 'EMR',
    category: over.category ?? 'outpatient',
    custodian: idOf('institution', n % 3),
    author: idOf('practitioner', n % 3),
    period: { from: day(over.from ?? '2026-01-01'), to: day(over.to ?? '2026-01-02') },
    source: { source: markOf('source', n), version: markOf('version', over.version ?? 0) },
    marks: (over.marks ?? [markOf('mark', n % 3)]).sort(),
  },
  personal: {
    type: 'Observation',
    title: `title ${n}`,
    at: START,
    sensitivities: [],
    confidentiality: 'N',
    content: { id: idOf('content', n), hash: markOf('hash', n), mediaType: 'application/json', size: 1 },
    sourceSystem: 'urn:test',
    sourceId: `${n}`,
  },
});

export const consentTerms = (n: number) => ({
  grantee:
    n % 2 === 0
      ? { kind: 'institution' as const, institution: idOf('institution', n % 3) }
      : {
          kind: 'practitioner' as const,
          institution: idOf('institution', n % 3),
          practitioner: idOf('practitioner', n % 3),
        },
  purposes: ['TREAT' as const],
  categories: ['imaging' as const, 'outpatient' as const],
  labels: ['HIV' as const],
  period: { from: day('2020-01-01'), to: day('2026-12-31') },
  validFrom: '2026-11-22T00:00:00.000Z' as Instant,
  validUntil: '2027-11-22T00:00:00.000Z' as Instant,
});

export const consentEvidence = {
  noticeHash: markOf('notice', 0),
  noticeVersion: '1',
  language: 'zh',
  channel: '0402',
  authentication: 'face' as const,
};

const selection = { what: 'records' as const };
const served = { categories: [], count: 0, matched: 0, root: markOf('root', 0) };

/** Any event of any type about a few residents, organisations and people: whether a decider would have made it does not matter. */
type Step = { readonly kind: number; readonly who: number; readonly what: number; readonly expired: boolean };

const KINDS: readonly ((who: number, what: number) => PlainEvent)[] = [
  (who) =>
    ofResident(who, {
      type: 'identity.registered@1',
      retained: { region: '110000', documents: [markOf('doc', who)] },
      personal: person,
    }),
  (who) =>
    ofResident(who, { type: 'identity.presented@1', retained: { documents: [markOf('doc', who)] }, personal: {} }),
  (who, what) =>
    ofResident(who, {
      type: 'identity.document-linked@1',
      retained: { documents: [markOf('doc', what)] },
      personal: { documents: person.documents },
    }),
  (who) =>
    ofResident(who, {
      type: 'identity.login-bound@1',
      retained: { login: markOf('login', who) },
      personal: { issuer: 'i', subject: 's' },
    }),
  (who) => ofResident(who, { type: 'identity.deceased@1', retained: {}, personal: {} }),
  (who, what) =>
    ofResident(who, {
      type: 'code.issued@1',
      retained: { codeRef: codeRef(who, what), kind: 'static' },
      personal: { code: 'c' },
    }),
  (who, what) =>
    ofResident(who, {
      type: 'code.suspended@1',
      retained: { codeRef: codeRef(who, what), reason: 'lost' },
      personal: {},
    }),
  (who, what) => ofResident(who, { type: 'code.resumed@1', retained: { codeRef: codeRef(who, what) }, personal: {} }),
  (who, what) =>
    ofResident(who, {
      type: 'code.closed@1',
      retained: { codeRef: codeRef(who, what), reason: 'office' },
      personal: {},
    }),
  (who, what) =>
    ofResident(who, {
      type: 'consent.requested@1',
      retained: { consentId: consentId(who, what), terms: consentTerms(what), answerBy: START },
      personal: { message: 'm' },
    }),
  (who, what) =>
    ofResident(who, {
      type: 'consent.granted@1',
      retained: { consentId: consentId(who, what), terms: consentTerms(what + 1), evidence: consentEvidence },
      personal: {},
    }),
  (who, what) =>
    ofResident(who, {
      type: 'consent.denied@1',
      retained: { consentId: consentId(who, what), reason: 'resident' },
      personal: {},
    }),
  (who, what) =>
    ofResident(who, {
      type: 'consent.revoked@1',
      retained: { consentId: consentId(who, what), reason: 'code-closed' },
      personal: {},
    }),
  (who, what) => ofResident(who, recordEvent('record.registered@1', 10 * who + what)),
  (who, what) =>
    ofResident(who, recordEvent('record.replaced@1', 10 * who + what, { category: 'imaging', version: 1 })),
  (who, what) =>
    ofResident(who, {
      type: 'record.withdrawn@1',
      retained: { recordId: idOf('record', 10 * who + what), reason: 'custodian' },
      personal: {},
    }),
  (who, what) => ({
    ...ofResident(who, {
      type: 'access.permitted@1',
      retained: { purpose: 'TREAT', selection, rule: 'grant', basis: 'PIPL-13-1', grants: [], policyRules: [], served },
      personal: { served: { ids: [], salt: markOf('salt', 0) } },
    }),
    ...asker(what),
  }),
  (who, what) => ({
    ...ofResident(who, {
      type: 'access.denied@1',
      retained: { purpose: 'TREAT', selection, rule: 'no-consent' },
      personal: {},
    }),
    ...asker(what),
  }),
  (_who, what) => ({
    stream: institutionStream(idOf('institution', what)),
    event: { type: 'access.missed@1', retained: { purpose: 'TREAT', selection }, personal: {} },
    ...asker(what),
  }),
  (who, what) => ({
    ...ofResident(who, {
      type: 'access.log-read@1',
      retained: {
        filter: { resident: labelOf(who) },
        basis: 'audit',
        page: 1,
        served: { count: 0, matched: 0, root: markOf('root', 0) },
        salt: markOf('salt', 0),
      },
      personal: {},
    }),
    by: { kind: 'regulator', id: idOf('actor', what), organisation: idOf('institution', 0) },
  }),
  (_who, what) =>
    ofInstitution(what, { type: 'institution.registered@1', retained: profile(what), personal: { phone: '1' } }),
  (who, what) =>
    ofInstitution(what, {
      type: 'institution.changed@1',
      retained: { ...profile(10 + who), contacts: who === 0 ? 'kept' : 'none' },
      personal: {},
    }),
  (_who, what) => ofInstitution(what, { type: 'institution.ended@1', retained: { reason: 'r' }, personal: {} }),
  (_who, what) =>
    ofPractitioner(what, {
      type: 'practitioner.registered@1',
      retained: { ...profile(what), affiliations: [idOf('institution', 0)] },
      personal: { phone: '1' },
    }),
  (who, what) =>
    ofPractitioner(what, {
      type: 'practitioner.changed@1',
      retained: { ...profile(10 + who), affiliations: [], contacts: who === 0 ? 'kept' : 'none' },
      personal: {},
    }),
  (_who, what) => ofPractitioner(what, { type: 'practitioner.ended@1', retained: { reason: 'r' }, personal: {} }),
  () => ({
    stream: 'ledger/110000' as StreamName,
    event: {
      type: 'ledger.policy-adopted@1',
      retained: { policy: { version: '1', rules: [] }, hash: markOf('policy', 0) },
      personal: {},
    },
  }),
  (who) => ({
    stream: 'ledger/110000' as StreamName,
    event: {
      type: 'ledger.restored@1',
      retained: { expected: { size: 10 + who, leaf: markOf('leaf', who) }, reason: 'r' },
      personal: {},
    },
  }),
];

const person = { name: 'n', documents: [{ type: '01', issuer: 'i', number: '1' }] };
const profile = (n: number) => ({
  identifiers: [{ system: 's', number: `${n}` }],
  name: `name ${n}`,
  contacts: 'given' as 'given' | 'none',
});
const codeRef = (who: number, what: number): Mark => markOf('code', 10 * who + what);
const consentId = (who: number, what: number): Id16 => idOf('consent', 10 * who + what);
const ofResident = (n: number, event: AnyNewEvent): PlainEvent => ({ stream: residentStream(labelOf(n)), event });
const ofInstitution = (n: number, event: AnyNewEvent): PlainEvent => ({
  stream: institutionStream(idOf('institution', n)),
  event,
});
const ofPractitioner = (n: number, event: AnyNewEvent): PlainEvent => ({
  stream: practitionerStream(idOf('practitioner', n)),
  event,
});

function asker(n: number) {
  const [id, organisation] = [idOf('practitioner', n), idOf('institution', n)];
  return {
    by: { kind: 'practitioner' as const, id, organisation },
    trace: `trace-${n}-abcdef`,
    seen: [
      { stream: practitionerStream(id), revision: n, kinds: ['practitioner.'] },
      { stream: institutionStream(organisation), revision: -1, kinds: ['institution.'] },
    ],
  };
}

const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.nat(KINDS.length - 1),
  who: fc.nat(2),
  what: fc.nat(3),
  expired: fc.integer({ min: 0, max: 19 }).map((n) => n === 0),
});

/** Sequences of any events of the catalogue, valid or not. */
export const anyEvents = (maxLength: number): fc.Arbitrary<PlainEvent[]> =>
  fc.array(
    step.map(({ kind, who, what, expired }) => ({ ...(KINDS[kind] as (typeof KINDS)[number])(who, what), expired })),
    { maxLength },
  );

/** The n-th of a long, mixed, always equal sequence. */
export function mixedEvents(count: number): PlainEvent[] {
  return Array.from({ length: count }, (_, i) => {
    const drawn = suite.hash(utf8('mixed'), u32(i));
    const [kind = 0, who = 0, what = 0] = drawn;
    return (KINDS[kind % KINDS.length] as (typeof KINDS)[number])(who % 3, what % 4);
  });
}
