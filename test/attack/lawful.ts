import {
  type KnownActor,
  type KnownPeriod,
  type KnownRecord,
  type KnownResident,
  residentOfCode,
  type Truth,
} from './truth.ts';

/**
 * Who may see what, in the test's own words (domain.md, "Deciding an access"), from the plain lists of truth.ts. Nothing here is imported
 * from `src`: the rules are written a second time on purpose.
 */

/** A purpose and those above it: a permit on a code covers its sub-codes. */
const ABOVE: Readonly<Record<string, readonly string[]>> = {
  ETREAT: ['TREAT'],
  BTG: ['ETREAT', 'TREAT'],
  DSRCH: ['HRESCH'],
  CLINTRCH: ['HRESCH'],
  FAMRQT: ['PATRQT'],
};
const covers = (permitted: readonly string[], asked: string): boolean =>
  [asked, ...(ABOVE[asked] ?? [])].some((purpose) => permitted.includes(purpose));

/** What one grant, one rule or being oneself lets be seen. Absent: any. */
interface Permit {
  readonly categories?: readonly string[];
  readonly period?: KnownPeriod;
  readonly custodian?: string;
  readonly labels?: readonly string[];
}

export interface Choice {
  readonly index?: string;
  readonly categories?: readonly string[];
  readonly period?: KnownPeriod;
}

const within = (inner: KnownPeriod, outer: KnownPeriod): boolean => outer.from <= inner.from && inner.to <= outer.to;
const meet = (a: KnownPeriod, b: KnownPeriod): boolean => a.from <= b.to && b.from <= a.to;

function labelsOf({ sensitivities, confidentiality }: KnownRecord): string[] {
  return [...sensitivities, ...(confidentiality === 'R' || confidentiality === 'V' ? [confidentiality] : [])];
}

function shows({ categories, period, custodian, labels }: Permit, record: KnownRecord): boolean {
  return (
    (categories === undefined || categories.includes(record.category)) &&
    (period === undefined || within(record.period, period)) &&
    (custodian === undefined || record.custodian.id === custodian) &&
    (labels === undefined || labelsOf(record).every((label) => labels.includes(label)))
  );
}

function concerns({ categories, period }: Permit, choice: Choice): boolean {
  return (
    (choice.categories === undefined ||
      categories === undefined ||
      choice.categories.some((one) => categories.includes(one))) &&
    (choice.period === undefined || period === undefined || meet(choice.period, period))
  );
}

const chosen = ({ index, categories, period }: Choice, record: KnownRecord): boolean =>
  (index === undefined || record.index === index) &&
  (categories === undefined || categories.includes(record.category)) &&
  (period === undefined || within(record.period, period));

/** Newest data first; no two records of a resident end on one day. */
const newestFirst = (records: readonly KnownRecord[]): KnownRecord[] =>
  [...records].sort((a, b) => (a.period.to < b.period.to ? 1 : -1));

/** A practitioner is registered, not ended, and works in the token's organisation, which is not ended either. */
export function standsGood({ role, doctor, organisation }: KnownActor): boolean {
  if (organisation === undefined || organisation.ended) return false;
  if (role === 'issuer') return true;
  return role === 'practitioner' && doctor !== undefined && !doctor.ended && doctor.affiliations.includes(organisation);
}

/** Whether the code is somebody's living code now, exactly as it was issued. */
export function isLiveCode(truth: Truth, code: string): boolean {
  const resident = residentOfCode(truth, code);
  return (
    resident !== undefined &&
    !resident.dead &&
    resident.codes.some(({ text, state }) => text === code && state === 'ACTIVE')
  );
}

const isOwn = (purpose: string): boolean => purpose === 'PATRQT' || purpose === 'FAMRQT';

/** Is this code live? For practitioners and the office, for any purpose but the resident's own. */
export function mayVerify(truth: Truth, actor: KnownActor, code: string, purpose: string): boolean {
  return isLiveCode(truth, code) && standsGood(actor) && !isOwn(purpose);
}

function permitsOf(
  truth: Truth,
  { doctor, organisation }: KnownActor,
  resident: KnownResident,
  purpose: string,
  now: string,
): Permit[] {
  if (doctor === undefined || organisation === undefined) return [];
  const granted = resident.consents
    .filter(({ fate, terms }) => fate === 'granted' && terms.validFrom <= now && now < terms.validUntil)
    .filter(({ terms: { grantee } }) => grantee.institution === organisation.id)
    .filter(({ terms: { grantee } }) => grantee.kind === 'INSTITUTION' || grantee.practitioner === doctor.id)
    .filter(({ terms }) => covers(terms.purposes, purpose))
    .map(({ terms }): Permit => terms);
  const ruled = truth.policy.rules
    .filter((rule) => covers(rule.purposes, purpose))
    .flatMap(({ kind, categories, labels, institutions }): Permit[] => {
      if (kind === 'STATUTORY') return institutions?.includes(organisation.id) === true ? [{ categories, labels }] : [];
      const registeredSome = resident.records.some(({ custodian }) => custodian === organisation);
      return registeredSome ? [{ categories, labels, custodian: organisation.id }] : [];
    });
  return [...granted, ...ruled];
}

/**
 * The records of the page and all others that match, newest first; `undefined` when the answer is the one refusal. `code` absent: a
 * resident's own, by token.
 */
export function recordsFor(
  truth: Truth,
  actor: KnownActor,
  asked: { readonly code?: string; readonly purpose: string } & Choice,
  now: string,
): KnownRecord[] | undefined {
  const { code, purpose } = asked;
  if (code === undefined) {
    const own = actor.resident;
    if (own === undefined || own.dead) return undefined;
    return newestFirst(own.records.filter((record) => !record.withdrawn && chosen(asked, record)));
  }
  const resident = residentOfCode(truth, code);
  if (resident === undefined || !isLiveCode(truth, code)) return undefined;
  if (actor.role !== 'practitioner' || !standsGood(actor) || isOwn(purpose)) return undefined;
  const permits = permitsOf(truth, actor, resident, purpose, now).filter((permit) => concerns(permit, asked));
  if (permits.length === 0) return undefined;
  const seen = resident.records.filter(
    (record) => !record.withdrawn && chosen(asked, record) && permits.some((permit) => shows(permit, record)),
  );
  return newestFirst(seen);
}
