import { createHash } from 'node:crypto';
import { OPERATOR_SYSTEM } from '../../src/app/local-caller.ts';
import { type Answer, type ApiUnderTest, only, type Reply, type Variables } from './api.ts';

/** Who plays in the black-box tests. All of them come about through the API, as they would in earnest; nobody here is anybody. */

export interface PartyKey {
  readonly system: string;
  readonly number: string;
}
export interface Hospital {
  readonly id: string;
  readonly key: PartyKey;
  readonly name: string;
}
export interface Doctor {
  readonly id: string;
  readonly key: PartyKey;
  readonly name: string;
  readonly hospital: Hospital;
  readonly token: string;
}
export interface Resident {
  readonly code: string;
  readonly name: string;
  readonly document: { readonly type: string; readonly number: string };
  readonly subject: string;
  readonly token: string;
}

const DAY_MS = 86_400_000;
export const inMs = (ms: number): string => new Date(Date.now() + ms).toISOString();
export const CATEGORIES = [
  'DIAGNOSTIC_REPORT',
  'DISCHARGE_SUMMARY',
  'HEALTH_DOCUMENT',
  'IMAGING',
  'IMMUNISATION',
  'INVOICE',
  'OUTPATIENT',
  'PRESCRIPTION',
  'WELLNESS',
] as const;
export const ALL_TIME = { from: '1900-01-01', to: '2099-12-31' };

export const EVIDENCE = {
  noticeHash: createHash('sha256').update('what the resident read').digest('base64url'),
  noticeVersion: '1',
  language: 'zh-CN',
  channel: '0402',
  authentication: 'FACE',
};

/** What each command answers when it was done. */
const DONE = {
  registerInstitution: '... on PartyRef { id }',
  changeInstitution: '... on Receipt { event }',
  endInstitution: '... on Receipt { event }',
  registerPractitioner: '... on PartyRef { id }',
  changePractitioner: '... on Receipt { event }',
  endPractitioner: '... on Receipt { event }',
  registerResident: '... on IssuedCode { healthCode }',
  issueCode: '... on IssuedCode { healthCode }',
  linkDocuments: '... on Receipt { event }',
  reportDeath: '... on Receipt { event }',
  suspendCode: '... on Receipt { event }',
  resumeCode: '... on Receipt { event }',
  closeCode: '... on Receipt { event }',
  requestConsent: '... on ConsentRef { consentId }',
  grantConsent: '... on ConsentRef { consentId }',
  denyConsent: '... on Receipt { event }',
  revokeConsent: '... on Receipt { event }',
  registerRecord: '... on RecordRef { record }',
  withdrawRecord: '... on Receipt { event }',
  adoptPolicy: '... on PolicyRef { hash }',
} as const;
export type Command = keyof typeof DONE;

/** The document of a command. */
export function mutation(command: Command): string {
  const input = `${command[0]?.toUpperCase()}${command.slice(1)}Input!`;
  return `mutation ($requestId: String!, $input: ${input}) {
    ${command}(requestId: $requestId, input: $input) { __typename ... on Refusal { code message } ${DONE[command]} }
  }`;
}

const ROW = 'id index category title at type period { from to } custodian { id name } author { id name }';
export const RECORD_PAGE = `__typename ... on Refusal { code message }
  ... on RecordConnection { totalCount event pageInfo { hasNextPage endCursor } edges { cursor node { ${ROW} } } }`;
export const RECORDS = `query ($code: String!, $purpose: Purpose! = TREAT, $index: RecordIndex, $categories: [Category!],
    $period: PeriodInput, $first: Int = 20, $after: String) {
  records(code: $code, purpose: $purpose, index: $index, categories: $categories, period: $period, first: $first, after: $after) {
    ${RECORD_PAGE}
  }
}`;
export const CONTENT_OF = '__typename ... on Refusal { code message } ... on Content { event mediaType text hash }';
export const CONTENT = `query ($code: String!, $purpose: Purpose! = TREAT, $record: ID!) {
  content(code: $code, purpose: $purpose, record: $record) { ${CONTENT_OF} }
}`;
export const VERIFY = `query ($code: String!) {
  verifyCode(code: $code) { __typename ... on Refusal { code message } ... on CodeVerification { live } }
}`;
const ENTRY = `event time kind purpose trace actorKind actor { id name } organisation { id name }
  details { rule basis policy what categories count grants servedRoot }`;
export const TRAIL_PAGE = `__typename ... on Refusal { code message }
  ... on TrailEntryConnection { totalCount event pageInfo { hasNextPage endCursor } edges { cursor node { ${ENTRY} } } }`;
export const MY_LOG = `{ me { __typename accessLog(first: 200) { ${TRAIL_PAGE} } } }`;
export const TRAIL = `query ($filter: TrailFilter, $first: Int = 20, $after: String) {
  trail(filter: $filter, first: $first, after: $after) { ${TRAIL_PAGE} }
}`;

export interface RecordNode {
  readonly id: string;
  readonly category: string;
  readonly title: string;
  readonly custodian: { readonly id: string; readonly name: string };
  readonly author: { readonly id: string; readonly name: string } | null;
}

export interface TrailNode {
  readonly event: string;
  readonly kind: string;
  readonly purpose: string | null;
  readonly trace: string | null;
  readonly actorKind: string;
  readonly actor: { readonly id: string; readonly name: string | null };
  readonly organisation: { readonly id: string; readonly name: string | null } | null;
  readonly details: { readonly rule: string | null; readonly count: number | null; readonly grants: readonly string[] };
}

export interface Cast {
  readonly regulator: string;
  readonly office: string;
  /** The operator's own organisation, that of the two above. */
  readonly operator: PartyKey;
  /** A command under a new requestId unless told. */
  tell(token: string, command: Command, input: Variables, requestId?: string): Promise<Reply>;
  /** The same, of which the test counts on that it is done. */
  done(token: string, command: Command, input: Variables, requestId?: string): Promise<Answer>;
  requestId(): string;
  hospital(name?: string): Promise<Hospital>;
  doctor(
    hospital: Hospital,
    over?: { readonly name?: string; readonly affiliations?: readonly string[] },
  ): Promise<Doctor>;
  /** A token of that person for that organisation, whether they work there or not. */
  doctorToken(doctor: PartyKey, hospital: PartyKey, subject?: string): Promise<string>;
  /** Registered by the office and signed in once, by a document. */
  resident(name?: string): Promise<Resident>;
  /** A record of that resident in the doctor's hospital; an outpatient visit of 2024 unless told. Answers its title. */
  record(doctor: Doctor, resident: Pick<Resident, 'code'>, over?: Variables): Promise<string>;
  /** Given by the resident's own wish, for everything but labelled records and for a day unless told. Answers the consent's id. */
  grant(resident: Resident, hospital: Pick<Hospital, 'id'>, over?: Variables): Promise<string>;
  revoke(resident: Resident, consentId: string): Promise<void>;
}

export function terms(hospital: Pick<Hospital, 'id'>, over: Variables = {}): Variables {
  return {
    grantee: { kind: 'INSTITUTION', institution: hospital.id },
    purposes: ['TREAT'],
    categories: CATEGORIES,
    period: ALL_TIME,
    validFrom: inMs(-60_000),
    validUntil: inMs(DAY_MS),
    ...over,
  };
}

/** What the players ask, and in which region. */
type CastApi = Pick<ApiUnderTest, 'mint' | 'post'> & { readonly node: Pick<ApiUnderTest['node'], 'config'> };

export async function castOf(api: CastApi): Promise<Cast> {
  let made = 0;
  const operator = { system: OPERATOR_SYSTEM, number: api.node.config.region };
  const regulator = await api.mint({ role: 'regulator', subject: 'regulator-1', organisation: operator });
  const office = await api.mint({ role: 'issuer', subject: 'office-1', organisation: operator });
  const requestId = (): string => `black-box-${made++}`;

  const tell: Cast['tell'] = (token, command, input, id = requestId()) =>
    api.post(token, mutation(command), { requestId: id, input });
  const done: Cast['done'] = async (...command) => {
    const answer = only(await tell(...command));
    if (answer.__typename === 'Refusal') throw new Error(`${command[1]} was refused: ${JSON.stringify(answer)}`);
    return answer;
  };
  const doctorToken: Cast['doctorToken'] = (practitioner, organisation, subject = `sub-${practitioner.number}`) =>
    api.mint({ role: 'practitioner', subject, organisation, practitioner });

  return {
    regulator,
    office,
    operator,
    tell,
    done,
    requestId,
    doctorToken,
    hospital: async (name = `Hospital ${made}`) => {
      const key = { system: 'urn:uscc', number: `H${made++}` };
      const { id } = await done(regulator, 'registerInstitution', { identifiers: [key], name, level: 3 });
      return { id: id as string, key, name };
    },
    doctor: async (hospital, { name = `Doctor ${made}`, affiliations = [hospital.id] } = {}) => {
      const key = { system: 'urn:licence', number: `D${made++}` };
      const { id } = await done(regulator, 'registerPractitioner', { identifiers: [key], name, affiliations });
      return { id: id as string, key, name, hospital, token: await doctorToken(key, hospital.key) };
    },
    resident: async (name = `Resident ${made}`) => {
      const subject = `resident-${made}`;
      const document = { type: '03', number: `P${made++}` };
      const input = { region: '110105', name, documents: [document] };
      const { healthCode } = await done(office, 'registerResident', input);
      const token = await api.mint({ role: 'resident', subject, document });
      // The first request of a sign-in binds it, which is an event of its own.
      await api.post(token, '{ me { __typename } }');
      return { code: healthCode as string, name, document, subject, token };
    },
    record: async (doctor, { code }, over = {}) => {
      const n = made++;
      const title = `Finding ${n}`;
      await done(doctor.token, 'registerRecord', {
        code,
        index: 'EMR',
        category: 'OUTPATIENT',
        period: { from: '2024-03-01', to: '2024-03-02' },
        type: 'Encounter',
        title,
        at: '2024-03-01T08:00:00.000Z',
        sourceSystem: 'urn:his:test',
        sourceId: `finding-${n}`,
        mediaType: 'application/json',
        content: JSON.stringify({ finding: n }),
        ...over,
      });
      return title;
    },
    grant: async (resident, hospital, over) => {
      const input = { terms: terms(hospital, over), evidence: EVIDENCE };
      return (await done(resident.token, 'grantConsent', input)).consentId as string;
    },
    revoke: async (resident, consentId) => {
      await done(resident.token, 'revokeConsent', { consentId });
    },
  };
}
