import type { Actor, Caller, Role } from '../../src/app/actor.ts';
import type { Platform, TokenClaims } from '../../src/app/api.ts';
import { refusal } from '../../src/app/outcome.ts';
import { type Operation, ROLES } from '../../src/app/roles.ts';
import type { Id16, Label } from '../../src/kernel/id.ts';
import type { Instant } from '../../src/kernel/instant.ts';

/** One call that reached the platform. */
export interface PlatformCall {
  readonly operation: Operation;
  readonly caller: Caller;
  readonly requestId?: string;
  readonly input: unknown;
}

export interface FakePlatform extends Platform {
  /** Every call, in order, also those that were refused; `actorOf` apart. */
  readonly calls: PlatformCall[];
  readonly claims: TokenClaims[];
  /** The next calls of an operation do this instead of answering their sample. */
  on(operation: Operation, answer: (input: never) => unknown): void;
  onActorOf(answer: (claims: TokenClaims) => Promise<Actor | undefined>): void;
}

const T = '2026-11-22T03:04:05.678Z' as Instant;
export const ORGANISATION = 'AAAAAAAAAAAAAAAAAAAAAA' as Id16;
export const PRACTITIONER = 'BAAAAAAAAAAAAAAAAAAAAA' as Id16;
const EVENT = '41ffed4c-7e8f-82e7-bf3f-de04a874ad21';
const PARTY = { id: ORGANISATION, name: 'Hospital A' };
const IDENTIFIERS = [{ system: 'urn:uscc', number: '91350100M000100Y43' }];
const POLICY = {
  version: '1',
  rules: [
    { id: 'own', kind: 'own-records', purposes: ['TREAT'], categories: ['imaging'], labels: [], basis: 'PIPL-13-2' },
  ],
};
const TERMS = {
  grantee: { kind: 'practitioner', institution: ORGANISATION, practitioner: PRACTITIONER },
  purposes: ['TREAT'],
  categories: ['diagnostic-report', 'imaging'],
  labels: ['HIV', 'R'],
  period: { from: '2020-01-01', to: '2026-01-01' },
  validFrom: T,
  validUntil: '2027-11-22T03:04:05.678Z',
};

const record = (n: number) => ({
  id: `record-${n}`,
  cursor: `cursor-${n}`,
  index: 'EMR',
  category: 'diagnostic-report',
  custodian: PARTY,
  author: null,
  period: { from: '2026-01-01', to: '2026-01-02' },
  type: 'DiagnosticReport',
  code: { system: 'http://loinc.org', code: '58410-2' },
  title: `Blood count ${n}`,
  at: T,
  sensitivities: ['HIV'],
  confidentiality: 'R',
  contentType: 'application/fhir+json',
  contentSize: 42,
});
const entry = (n: number) => ({
  cursor: `entry-${n}`,
  event: EVENT,
  kind: 'log-read',
  time: T,
  actorKind: 'practitioner',
  actor: { id: PRACTITIONER, name: null },
  organisation: PARTY,
  purpose: 'TREAT',
  trace: 'trace-0001',
  details: {
    rule: 'grant',
    basis: 'PIPL-13-1',
    policy: null,
    what: 'records',
    categories: ['diagnostic-report'],
    count: 2,
    grants: ['consent-1'],
    servedRoot: 'root',
  },
});
const consent = (n: number) => ({
  consentId: `consent-${n}`,
  cursor: `consent-cursor-${n}`,
  state: 'not-yet-valid',
  terms: TERMS,
  institution: PARTY,
  practitioner: { id: PRACTITIONER, name: 'Dr B' },
  requestedAt: T,
  answerBy: T,
  grantedAt: null,
  endedAt: null,
});
const PAGE = { event: EVENT, hasNextPage: true, endCursor: 'cursor-2', total: 7 };
const CONTENT = { event: EVENT, mediaType: 'application/fhir+json', text: '{"a":1}', hash: 'aGFzaA' };

/** What each operation answers unless told otherwise: every field of its type has a value. */
const SAMPLES: { readonly [O in Operation]: unknown } = {
  registerResident: { code: 'CODE-1' },
  linkDocuments: { event: EVENT },
  reportDeath: { event: EVENT },
  issueCode: { code: 'CODE-2' },
  suspendCode: { event: EVENT },
  resumeCode: {},
  closeCode: { event: EVENT },
  requestConsent: { consentId: 'consent-1' },
  grantConsent: { consentId: 'consent-1' },
  denyConsent: { event: EVENT },
  revokeConsent: { event: EVENT },
  registerRecord: { record: 'record-1' },
  withdrawRecord: { event: EVENT },
  registerInstitution: { id: ORGANISATION },
  changeInstitution: { event: EVENT },
  endInstitution: { event: EVENT },
  registerPractitioner: { id: PRACTITIONER },
  changePractitioner: { event: EVENT },
  endPractitioner: { event: EVENT },
  adoptPolicy: { hash: 'cG9saWN5' },
  myProfile: {
    event: EVENT,
    region: '110000',
    name: 'Resident A',
    sex: 'female',
    birthDate: '1949-12-31',
    phone: null,
    address: null,
    documents: [{ type: '01', issuer: 'urn:cv02.01.101:01', number: '11010519491231002X' }],
  },
  myRecords: { ...PAGE, records: [record(1), record(2)] },
  myContent: CONTENT,
  myAccessLog: { ...PAGE, entries: [entry(1)] },
  openRecords: { ...PAGE, records: [record(1), record(2)] },
  openContent: CONTENT,
  verifyCode: { live: 'yes' },
  readTrail: { ...PAGE, entries: [entry(1)] },
  myConsents: { consents: [consent(1)], hasNextPage: false, endCursor: 'consent-cursor-1', total: 1 },
  myCodes: [{ ref: 'ref-1', state: 'active', issuedAt: T }],
  institution: { ...PARTY, identifiers: IDENTIFIERS, region: '110000', level: 3, kind: 'hospital', state: 'active' },
  practitioner: {
    id: PRACTITIONER,
    name: 'Dr B',
    title: '主任医师',
    licence: null,
    affiliations: [PARTY],
    state: 'ended',
  },
  policy: { hash: 'cG9saWN5', policy: POLICY },
};

const NO_OUTCOME: readonly Operation[] = ['institution', 'practitioner', 'policy'];

function actorFor({ role, issuer, subject, until }: TokenClaims): Actor {
  const base = { issuer, subject, until };
  switch (role) {
    case 'resident':
      return { ...base, role, label: 'A'.repeat(43) as Label };
    case 'practitioner':
      return { ...base, role, id: PRACTITIONER, registered: true, institution: ORGANISATION };
    case 'issuer':
    case 'regulator':
    case 'system':
      return { ...base, role, id: PRACTITIONER, institution: ORGANISATION };
  }
}

/** A platform that decides nothing but roles: it records what reaches it and answers with samples. */
export function fakePlatform(): FakePlatform {
  const calls: PlatformCall[] = [];
  const claims: TokenClaims[] = [];
  const answers = new Map<Operation, (input: never) => unknown>();
  let actorOf = async (token: TokenClaims): Promise<Actor | undefined> => actorFor(token);

  const answer = async (call: PlatformCall): Promise<unknown> => {
    calls.push(call);
    const { operation, caller } = call;
    const roles: readonly Role[] = ROLES[operation];
    if (!roles.includes(caller.actor.role)) return refusal('not-permitted');
    const own = answers.get(operation);
    if (own !== undefined) return own(call.input as never);
    return NO_OUTCOME.includes(operation) ? SAMPLES[operation] : { kind: 'done', value: SAMPLES[operation] };
  };
  const operations = Object.fromEntries(
    (Object.keys(ROLES) as Operation[]).map((operation) => [
      operation,
      // Commands have a requestId before their input; reads have not.
      (caller: Caller, ...rest: unknown[]) =>
        answer(
          rest.length === 2
            ? { operation, caller, requestId: rest[0] as string, input: rest[1] }
            : { operation, caller, input: rest[0] },
        ),
    ]),
  ) as unknown as Omit<Platform, 'actorOf'>;

  return {
    ...operations,
    calls,
    claims,
    actorOf: (token) => {
      claims.push(token);
      return actorOf(token);
    },
    on: (operation, own) => {
      answers.set(operation, own);
    },
    onActorOf: (own) => {
      actorOf = own;
    },
  };
}
