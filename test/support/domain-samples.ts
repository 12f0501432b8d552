import type { AnyNewEvent } from '../../src/domain/catalogue.ts';
import type { NewConsentEvent } from '../../src/domain/consent/events.ts';
import type { ConsentTerms, Evidence } from '../../src/domain/consent/terms.ts';
import type { Policy, PolicyRule } from '../../src/domain/ledger/events.ts';
import type { RecordEntry } from '../../src/domain/record/decider.ts';
import { CATEGORIES } from '../../src/domain/terms.ts';
import { toBase64Url } from '../../src/kernel/base64.ts';
import type { ActorRef } from '../../src/kernel/event.ts';
import { type Id16, type Label, type Mark, toId16, toLabel } from '../../src/kernel/id.ts';
import { parseDay, parseInstant } from '../../src/kernel/instant.ts';

/** People, places and events for tests of the domain. Nobody here is anybody. */

const bytes = (length: number, n: number): Uint8Array<ArrayBuffer> => {
  const out = new Uint8Array(length);
  new DataView(out.buffer).setUint32(length - 4, n);
  return out;
};
export const id16 = (n: number): Id16 => toId16(bytes(16, n));
export const mark = (n: number): Mark => toBase64Url(bytes(32, n)) as Mark;
export const bytes32 = (n: number): string => toBase64Url(bytes(32, n));
export const label = (n: number): Label => toLabel(bytes(32, n));

export const NOW = parseInstant('2026-11-22T09:00:00.000Z');
export const instant = (text: string) => parseInstant(text);
export const day = (text: string) => parseDay(text);

export const ANNA = label(1);
export const BEN = label(2);
export const HOSPITAL = id16(101);
export const CLINIC = id16(102);
export const DOCTOR = id16(201);
export const NURSE = id16(202);

export const asAnna: ActorRef = { kind: 'resident', id: ANNA };
export const asBen: ActorRef = { kind: 'resident', id: BEN };
export const asDoctor: ActorRef = { kind: 'practitioner', id: DOCTOR, organisation: HOSPITAL };
export const asOffice: ActorRef = { kind: 'issuer', id: id16(301), organisation: id16(103) };
export const asRegulator: ActorRef = { kind: 'regulator', id: id16(302), organisation: id16(104) };
export const asSystem: ActorRef = { kind: 'system', id: id16(303), organisation: HOSPITAL };

export const DOCUMENT = {
  mark: mark(11),
  type: '01',
  issuer: 'urn:oid:2.16.156.10011.1.3',
  number: '11010519491231002X',
};
export const PASSPORT = { mark: mark(12), type: '03', issuer: 'CN', number: 'E12345678' };

export const registered: AnyNewEvent = {
  type: 'identity.registered@1',
  retained: { region: '110105', documents: [DOCUMENT.mark] },
  personal: { name: 'Anna', documents: [{ type: DOCUMENT.type, issuer: DOCUMENT.issuer, number: DOCUMENT.number }] },
};
export const deceased: AnyNewEvent = { type: 'identity.deceased@1', retained: {}, personal: {} };

export const CODE = mark(21);
export const issued = (codeRef: Mark = CODE): AnyNewEvent => ({
  type: 'code.issued@1',
  retained: { codeRef, kind: 'static' },
  personal: { code: 'a code' },
});
export const suspended = (reason: 'resident' | 'lost' | 'misuse' | 'office' = 'resident'): AnyNewEvent => ({
  type: 'code.suspended@1',
  retained: { codeRef: CODE, reason },
  personal: {},
});
export const closed = (codeRef: Mark = CODE): AnyNewEvent => ({
  type: 'code.closed@1',
  retained: { codeRef, reason: 'office' },
  personal: {},
});

export const hospital: AnyNewEvent = {
  type: 'institution.registered@1',
  retained: { identifiers: [{ system: 'USCC', number: '91350100M000100Y43' }], name: 'Hospital', contacts: 'none' },
  personal: {},
};
export const hospitalEnded: AnyNewEvent = {
  type: 'institution.ended@1',
  retained: { reason: 'merged' },
  personal: {},
};
export const doctor = (...affiliations: Id16[]): AnyNewEvent => ({
  type: 'practitioner.registered@1',
  retained: {
    identifiers: [{ system: 'licence', number: '110' }],
    name: 'Doctor',
    affiliations: (affiliations.length === 0 ? [HOSPITAL] : affiliations).toSorted(),
    contacts: 'none',
  },
  personal: {},
});
export const doctorEnded: AnyNewEvent = {
  type: 'practitioner.ended@1',
  retained: { reason: 'left the profession' },
  personal: {},
};

export const terms = (change: Partial<ConsentTerms> = {}): ConsentTerms => ({
  grantee: { kind: 'institution', institution: HOSPITAL },
  purposes: ['TREAT'],
  categories: ['outpatient', 'prescription'],
  labels: [],
  period: { from: day('2020-01-01'), to: day('2026-12-31') },
  validFrom: instant('2026-11-01T00:00:00.000Z'),
  validUntil: instant('2027-05-01T00:00:00.000Z'),
  ...change,
});
export const EVIDENCE: Evidence = {
  noticeHash: bytes32(31),
  noticeVersion: '2026-1',
  language: 'zh-CN',
  channel: '0402',
  authentication: 'face',
};
export const ANSWER_BY = instant('2026-12-01T00:00:00.000Z');

export const CONSENT = id16(41);
export const requested = (
  consentId: Id16 = CONSENT,
  given: ConsentTerms = terms(),
  answerBy = ANSWER_BY,
): NewConsentEvent => ({
  type: 'consent.requested@1',
  retained: { consentId, terms: given, answerBy },
  personal: {},
});
export const granted = (consentId: Id16 = CONSENT, given: ConsentTerms = terms()): NewConsentEvent => ({
  type: 'consent.granted@1',
  retained: { consentId, terms: given, evidence: EVIDENCE },
  personal: {},
});
export const denied = (
  consentId: Id16 = CONSENT,
  reason: 'resident' | 'code-closed' = 'resident',
): NewConsentEvent => ({
  type: 'consent.denied@1',
  retained: { consentId, reason },
  personal: {},
});
export const revoked = (
  consentId: Id16 = CONSENT,
  reason: 'resident' | 'code-closed' = 'resident',
): NewConsentEvent => ({
  type: 'consent.revoked@1',
  retained: { consentId, reason },
  personal: {},
});

/** The n-th record, with the v-th bytes of the n-th source. */
export const entry = (n: number, change: Partial<RecordEntry['retained']> & { v?: number } = {}): RecordEntry => {
  const { v = 0, ...retained } = change;
  return {
    retained: {
      recordId: id16(1000 + n),
      index: 'EMR',
      category: 'outpatient',
      custodian: HOSPITAL,
      period: { from: day('2026-03-01'), to: day('2026-03-02') },
      source: { source: mark(2000 + n), version: mark(3_000_000 + 1000 * n + v) },
      marks: [mark(51)],
      ...retained,
    },
    personal: {
      type: 'Encounter',
      title: 'A visit',
      at: instant('2026-03-01T08:00:00.000Z'),
      sensitivities: [],
      confidentiality: 'N',
      content: { id: id16(4000 + n), hash: bytes32(n), mediaType: 'application/json', size: 100 },
      sourceSystem: 'his',
      sourceId: `visit-${n}`,
    },
  };
};
export const recordRegistered = (record: RecordEntry): AnyNewEvent => ({ type: 'record.registered@1', ...record });
export const recordReplaced = (record: RecordEntry): AnyNewEvent => ({ type: 'record.replaced@1', ...record });
export const withdrawn = (recordId: Id16): AnyNewEvent => ({
  type: 'record.withdrawn@1',
  retained: { recordId, reason: 'entered-in-error' },
  personal: {},
});

export const OWN_RECORDS: PolicyRule = {
  id: 'own-records',
  kind: 'own-records',
  purposes: ['TREAT'],
  categories: CATEGORIES,
  labels: [],
  basis: 'PIPL-13-2',
};
export const STATUTORY: PolicyRule = {
  id: 'infectious-diseases',
  kind: 'statutory',
  purposes: ['PUBHLTH'],
  categories: ['diagnostic-report', 'immunisation'],
  labels: [],
  basis: 'PIPL-13-4',
  institutions: [HOSPITAL],
};
export const policyOf = (...rules: PolicyRule[]): Policy => ({ version: '1', rules });
export const adopted = (policy: Policy, n = 61): AnyNewEvent => ({
  type: 'ledger.policy-adopted@1',
  retained: { policy, hash: bytes32(n) },
  personal: {},
});
export const opened: AnyNewEvent = {
  type: 'ledger.opened@1',
  retained: {
    origin: 'health.example/110000',
    suite: 'international',
    region: '110000',
    checks: [{ name: 'request', value: bytes32(71) }],
  },
  personal: {},
};
