import type { Evidence } from '../domain/consent/terms.ts';
import type { Category, Label, Period, Purpose } from '../domain/terms.ts';
import type { PartyKey, PractitionerDraft } from '../fhir/draft.ts';
import { toBase64Url } from '../kernel/base64.ts';
import { utf8 } from '../kernel/bytes.ts';
import type { Day } from '../kernel/instant.ts';
import { nobleSuite } from '../kernel/suite-noble.ts';
import { LAST_DAY, type Patient } from './clinical.ts';
import type { Institution } from './institution.ts';
import type { Random } from './random.ts';

/** What one resident says to one organisation or practitioner. Lists ascend, as in the event. */
export interface ConsentDraft {
  /**
   * `given`: unasked. `asked`: requested, not answered. `granted`, `denied`: requested and answered. `revoked`: requested,
   * granted and taken back.
   */
  readonly course: 'given' | 'asked' | 'granted' | 'denied' | 'revoked';
  /** The asker, for every course but `given`. */
  readonly asker?: { readonly practitioner: PartyKey; readonly institution: PartyKey };
  readonly grantee: { readonly institution: PartyKey; readonly practitioner?: PartyKey };
  readonly purposes: readonly Purpose[];
  readonly categories: readonly Category[];
  readonly labels: readonly Label[];
  readonly period: Period;
  /** From the instant at which it is granted: whoever appends has the clock. */
  readonly validDays: number;
  readonly evidence: Evidence;
}

/** The notice that every resident of the population has read. */
const NOTICE =
  '您的家庭医生或您就诊的医疗机构申请查阅您的健康档案与电子病历。您可以限定用途、类别、时间范围和期限，可以拒绝，也可以随时撤回；撤回不影响您获得诊疗服务，也不影响撤回前已进行的查阅。每一次查阅都会记入您本人可查的日志。';
const NOTICE_HASH = toBase64Url(nobleSuite.hash(utf8(NOTICE)));

/** Grants look ahead: records of later years are covered too. */
const LAST_COVERED_DAY = '2035-12-31' as Day;
/** PIPL 31: under 14 a guardian decides, so such residents say nothing here. */
const OWN_CONSENT_AGE = 14;

const PRIMARY_CARE: readonly Category[] = [
  'diagnostic-report',
  'health-document',
  'immunisation',
  'outpatient',
  'prescription',
  'wellness',
];
const SPECIALIST_CARE: readonly Category[] = ['diagnostic-report', 'discharge-summary', 'imaging', 'prescription'];

export function consentsOf(random: Random, patient: Patient): readonly ConsentDraft[] {
  if (ageOn(patient.birthDate, LAST_DAY) < OWN_CONSENT_AGE) return [];
  const made: ConsentDraft[] = [];
  if (random.percent(70)) {
    made.push({
      course: 'given',
      grantee: { institution: patient.centre.draft.key },
      purposes: ['CAREMGT', 'TREAT'],
      categories: PRIMARY_CARE,
      labels: [],
      period: { from: patient.birthDate, to: LAST_COVERED_DAY },
      validDays: 3 * 365,
      evidence: evidenceOf(random),
    });
  }
  if (random.percent(35))
    made.push(specialistConsent(random, patient, random.pick(['granted', 'granted', 'asked', 'denied', 'revoked'])));
  return made;
}

function specialistConsent(random: Random, { care }: Patient, course: ConsentDraft['course']): ConsentDraft {
  const institution: Institution = random.pick([care.general, care.hospital]);
  const specialist: PractitionerDraft = random.pick(institution.staff);
  const person = { practitioner: specialist.key, institution: institution.draft.key };
  return {
    course,
    asker: person,
    grantee: random.percent(50) ? person : { institution: person.institution },
    purposes: ['TREAT'],
    categories: SPECIALIST_CARE,
    labels: specialist.title === '精神科' ? ['PSY', 'R'] : specialist.title === '感染科' ? ['HIV', 'R'] : [],
    period: { from: '2022-01-01' as Day, to: LAST_COVERED_DAY },
    validDays: random.pick([30, 90, 365]),
    evidence: evidenceOf(random),
  };
}

function evidenceOf(random: Random): Evidence {
  const [channel, authentication] = random.pick([
    ['0402', 'face'],
    ['0402', 'sms'],
    ['0200', 'id-card'],
    ['0300', 'paper'],
  ] as const);
  return { noticeHash: NOTICE_HASH, noticeVersion: 'seed-1', language: 'zh-CN', channel, authentication };
}

/** Whole years, as the law counts them. */
export function ageOn(birthDate: Day, day: Day): number {
  const years = Number(day.slice(0, 4)) - Number(birthDate.slice(0, 4));
  return day.slice(5) < birthDate.slice(5) ? years - 1 : years;
}
