import type { Caller, PractitionerActor, ResidentActor } from '../../src/app/actor.ts';
import type { DocumentInput, RegisterRecordInput, TokenClaims } from '../../src/app/api.ts';
import { OPERATOR_SYSTEM } from '../../src/app/local-caller.ts';
import type { Outcome } from '../../src/app/outcome.ts';
import { toPastEvents } from '../../src/app/past-event.ts';
import { ledgerChecker } from '../../src/audit/check-ledger.ts';
import { replayLedger } from '../../src/audit/replay/replay.ts';
import type { Checked } from '../../src/audit/verdict.ts';
import type { AnyEvent } from '../../src/domain/catalogue.ts';
import type { ConsentTerms, Evidence } from '../../src/domain/consent/terms.ts';
import { CATEGORIES, type Category, LABELS } from '../../src/domain/terms.ts';
import { toBase64Url } from '../../src/kernel/base64.ts';
import { type Id16, type Label, parseId16, residentStream, type StreamName } from '../../src/kernel/id.ts';
import type { Day, Instant } from '../../src/kernel/instant.ts';
import type { Node } from '../../src/main.ts';

/** People, organisations and what they do, made through the platform's own use cases. Nobody here is anybody. */

export const ISSUER = 'https://idp.test';
export const NEVER = '9999-12-31T23:59:59.999Z' as Instant;

export interface Hospital {
  readonly id: Id16;
  readonly key: { readonly system: string; readonly number: string };
  readonly name: string;
}
export interface Doctor {
  readonly id: Id16;
  readonly key: { readonly system: string; readonly number: string };
  readonly name: string;
  readonly caller: Caller & { readonly actor: PractitionerActor };
}
export interface Resident {
  readonly label: Label;
  readonly stream: StreamName;
  readonly code: string;
  readonly document: DocumentInput;
  readonly caller: Caller & { readonly actor: ResidentActor };
}

/** A use case that was refused where a test counts on it. */
export function value<T>(outcome: Outcome<T>): T {
  if (outcome.kind === 'refusal') throw new Error(`refused: ${outcome.code}`);
  return outcome.value;
}

let requests = 0;
/** A requestId that nothing in this process has used. */
export const newRequest = (): string => `test-request-${process.pid}-${requests++}`;

export const EVIDENCE: Evidence = {
  noticeHash: toBase64Url(new Uint8Array(32)),
  noticeVersion: '1',
  language: 'zh-CN',
  channel: '0402',
  authentication: 'face',
};

export const ALL_TIME = { from: '1900-01-01' as Day, to: '2099-12-31' as Day };

/** What a resident may grant a hospital; valid from a minute ago for a day unless told. */
export function terms(hospital: { readonly id: Id16 }, over: Partial<ConsentTerms> = {}): ConsentTerms {
  const now = Date.now();
  return {
    grantee: { kind: 'institution', institution: hospital.id },
    purposes: ['TREAT'],
    categories: [...CATEGORIES],
    labels: [...LABELS],
    period: ALL_TIME,
    validFrom: new Date(now - 60_000).toISOString() as Instant,
    validUntil: new Date(now + 86_400_000).toISOString() as Instant,
    ...over,
  };
}

let records = 0;
/** A record as a doctor registers it; each is from a source document of its own unless told. */
export function recordInput(
  code: string,
  over: Partial<RegisterRecordInput> & { readonly category?: Category } = {},
): RegisterRecordInput {
  const n = records++;
  return {
    code,
    index: 'EMR',
    category: 'outpatient',
    period: { from: '2024-03-01', to: '2024-03-02' },
    type: 'Encounter',
    title: `Visit ${n}`,
    at: '2024-03-01T08:00:00.000Z',
    sourceSystem: 'urn:his:test',
    sourceId: `visit-${process.pid}-${n}`,
    mediaType: 'application/json',
    content: `{"visit":${n}}`,
    ...over,
  };
}

export interface World {
  readonly node: Node;
  readonly regulator: Caller;
  readonly office: Caller;
  /** The caller behind a token with these claims; there must be one. */
  as(claims: Omit<TokenClaims, 'issuer' | 'until'> & Partial<TokenClaims>): Promise<Caller>;
  hospital(name?: string): Promise<Hospital>;
  /** Works in the first of the hospitals by the token, in all of them by registration. */
  doctor(...hospitals: readonly [Hospital, ...Hospital[]]): Promise<Doctor>;
  resident(name?: string): Promise<Resident>;
  /** The resident gives this by their own wish; answers the consent's id. */
  grant(resident: Resident, terms: ConsentTerms): Promise<Id16>;
  /** A record of the resident, registered by the doctor. */
  record(doctor: Doctor, resident: Resident, over?: Parameters<typeof recordInput>[1]): Promise<string>;
  /** Waits until the read tables show everything that stands now. */
  shown(): Promise<void>;
  /** What stands behind a piece of work in the ledger, with the retained parts opened. */
  appended<T>(work: () => Promise<T>): Promise<{ readonly answer: T; readonly events: readonly AnyEvent[] }>;
}

/** The verdict on the whole ledger of a node, read tables included; throws when a decision does not follow. Every test file ends with it. */
export const verdictOn = async (node: Node): Promise<Checked> => {
  const verdict = await ledgerChecker(node.audit).finish();
  const { differences } = await replayLedger(node.audit);
  if (differences.length > 0) throw new Error(`decisions do not follow: ${JSON.stringify(differences)}`);
  return verdict;
};
export const CLEAN = { verdict: 'consistent, not anchored' } as const;

export async function worldOf(node: Node): Promise<World> {
  const { platform, app } = node;
  let made = 0;
  const as: World['as'] = async (claims) => {
    const actor = await platform.actorOf({ issuer: ISSUER, until: NEVER, ...claims });
    if (actor === undefined) throw new Error(`nobody is behind this token of a ${claims.role}`);
    return { actor };
  };
  const operator = { system: OPERATOR_SYSTEM, number: app.region };
  const regulator = await as({ role: 'regulator', subject: 'regulator-1', organisation: operator });
  const office = await as({ role: 'issuer', subject: 'office-1', organisation: operator });

  const doctorCaller = async (doctor: Doctor['key'], hospital: Hospital, subject: string) =>
    (await as({ role: 'practitioner', subject, organisation: hospital.key, practitioner: doctor })) as Doctor['caller'];

  return {
    node,
    regulator,
    office,
    as,
    hospital: async (name = `Hospital ${made}`) => {
      const key = { system: 'urn:uscc', number: `H${made++}` };
      const input = { identifiers: [key], name, region: '110105', level: 3, kind: 'hospital' };
      const { id } = value(await platform.registerInstitution(regulator, newRequest(), input));
      return { id: parseId16(id), key, name };
    },
    doctor: async (...hospitals) => {
      const key = { system: 'urn:licence', number: `D${made++}` };
      const name = `Doctor ${key.number}`;
      const affiliations = hospitals.map(({ id }) => id);
      const input = { identifiers: [key], name, affiliations };
      const { id } = value(await platform.registerPractitioner(regulator, newRequest(), input));
      const caller = await doctorCaller(key, hospitals[0], `sub-${key.number}`);
      return { id: parseId16(id), key, name, caller };
    },
    resident: async (name = `Resident ${made}`) => {
      const n = made++;
      const document = { type: '03', number: `P${n}` };
      const login = { issuer: ISSUER, subject: `resident-${n}` };
      const input = { region: '110105', name, documents: [document], login };
      const { code } = value(await platform.registerResident(office, newRequest(), input));
      const caller = (await as({ role: 'resident', subject: login.subject })) as Resident['caller'];
      const { label } = caller.actor;
      return { label, stream: residentStream(label), code, document, caller };
    },
    grant: async (resident, given) => {
      const input = { terms: given, evidence: EVIDENCE };
      return parseId16(value(await platform.grantConsent(resident.caller, newRequest(), input)).consentId);
    },
    record: async (doctor, resident, over) =>
      value(await platform.registerRecord(doctor.caller, newRequest(), recordInput(resident.code, over))).record,
    shown: async () => {
      const end = await app.ledger.end();
      if (end !== undefined && !(await app.projected.waitFor(end, 20_000)))
        throw new Error('the read tables stand still');
    },
    appended: async (work) => {
      const before = await app.ledger.end();
      const answer = await work();
      const recorded = [];
      for await (const event of app.ledger.readAll(before)) recorded.push(event);
      return { answer, events: await toPastEvents(recorded, app.openRetained) };
    },
  };
}
