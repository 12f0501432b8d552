import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { consentTerms, evidence } from '../domain/consent/terms.ts';
import { CATEGORIES, documentType } from '../domain/terms.ts';
import { type PartyKey, partyKeyText } from '../fhir/draft.ts';
import { Malformed } from '../kernel/fault.ts';
import * as f from '../kernel/field.ts';
import { addMs, type Instant } from '../kernel/instant.ts';
import { LAST_DAY } from './clinical.ts';
import { ageOn } from './consent.ts';
import { MAX_RESIDENTS } from './id-number.ts';
import { population, type SeedItem, type SeedResident } from './population.ts';
import { PREFECTURES } from './region.ts';

const SIZE = 600;

/** Every byte of a population, contents included. */
function digestOf(items: Iterable<SeedItem>): string {
  const hash = createHash('sha256');
  for (const item of items) {
    hash.update(
      JSON.stringify(item, (_key, value: unknown) =>
        value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value,
      ),
    );
  }
  return hash.digest('hex');
}

describe('a population', () => {
  let items: readonly SeedItem[] = [];
  let residents: readonly SeedResident[] = [];
  let parties: ReadonlySet<string> = new Set();
  /** Practitioner → organisations. */
  let affiliations: ReadonlyMap<string, readonly PartyKey[]> = new Map();

  beforeAll(() => {
    items = [...population({ seed: 'law', residents: SIZE })];
    residents = items.filter((item) => item.kind === 'resident');
    parties = new Set(items.flatMap((item) => (item.kind === 'institution' ? [partyKeyText(item.draft.key)] : [])));
    affiliations = new Map(
      items.flatMap((item) =>
        item.kind === 'practitioner' ? [[partyKeyText(item.draft.key), item.draft.affiliations] as const] : [],
      ),
    );
  });

  it('is the same byte for byte for the same seed and size, and another for another seed', () => {
    const digest = (seed: string) => digestOf(population({ seed, residents: 25 }));
    expect(digest('a')).toBe(digest('a'));
    expect(digest('a')).not.toBe(digest('b'));
    // Written down once: another machine, another Node and another day must make the same. Changes when the recipe does.
    expect(digest('pinned')).toBe('97885f6241a730cf74e8e828336e23af6eb0379476446bacb22b03a10ad3f062');
  });

  it('comes institutions first, then practitioners, then so many residents', () => {
    const kinds = items.map(({ kind }) => kind);
    expect(kinds.toSorted((a, b) => ORDER.indexOf(a) - ORDER.indexOf(b))).toEqual(kinds);
    expect(residents.length).toBe(SIZE);
    expect([...population({ seed: 'law', residents: 0 })].some(({ kind }) => kind === 'resident')).toBe(false);
  });

  it('is made as it is read, however large', () => {
    const large = population({ seed: 'law', residents: 1_000_000 });
    let seen = 0;
    for (const { kind } of large) if (kind === 'resident' && ++seen === 3) break;
    expect(seen).toBe(3);
  });

  it('has hospitals of three levels and community health centres in each county, no number twice', () => {
    const institutions = items.flatMap((item) => (item.kind === 'institution' ? [item.draft] : []));
    expect(parties.size).toBe(institutions.length);
    expect(affiliations.size).toBe(items.filter(({ kind }) => kind === 'practitioner').length);
    for (const level of [1, 2, 3]) expect(institutions.some((one) => one.level === level)).toBe(true);
    const centres = institutions.filter(({ kind }) => kind === '社区卫生服务中心');
    expect(centres.length).toBe(2 * new Set(centres.map(({ region }) => region)).size);
    const large = [...takeWhile(population({ seed: 'law', residents: 100_000 }), ({ kind }) => kind === 'institution')];
    expect(large.length).toBe(88 * 4 + PREFECTURES.length);
    expect(new Set(large.map((item) => (item.kind === 'institution' ? item.draft.key.number : ''))).size).toBe(
      large.length,
    );
  });

  it('names only institutions and practitioners that it has, each where they work', () => {
    const works = (practitioner: PartyKey, institution: PartyKey) =>
      affiliations.get(partyKeyText(practitioner))?.some((key) => partyKeyText(key) === partyKeyText(institution));
    for (const keys of affiliations.values()) for (const key of keys) expect(parties.has(partyKeyText(key))).toBe(true);
    for (const { familyDoctor, records, consents } of residents) {
      expect(works(familyDoctor.practitioner, familyDoctor.institution)).toBe(true);
      for (const { custodian, author } of records) {
        expect(author !== undefined && works(author, custodian)).toBe(true);
      }
      for (const { grantee, asker } of consents) {
        expect(parties.has(partyKeyText(grantee.institution))).toBe(true);
        if (grantee.practitioner !== undefined) expect(works(grantee.practitioner, grantee.institution)).toBe(true);
        if (asker !== undefined) expect(works(asker.practitioner, asker.institution)).toBe(true);
      }
    }
    expect([...affiliations.values()].some((keys) => keys.length === 2)).toBe(true);
  });

  it('fits into the events', () => {
    const person = f.object({
      name: f.text(256),
      sex: f.oneOf('male', 'female'),
      birthDate: f.day(),
      phone: f.text(64),
      address: f.text(512),
      region: f.pattern(/^52\d{4}$/, 'region'),
    });
    for (const { draft, records, consents } of residents) {
      const { name, sex, birthDate, phone, address, region } = draft;
      person.check({ name, sex, birthDate, phone, address, region }, 'resident');
      for (const { type, number } of draft.documents) {
        documentType().check(type, 'document');
        f.text(128).check(number, 'number');
      }
      for (const record of records) {
        f.text(512).check(record.title, 'title');
        f.instant().check(record.at, 'at');
        expect(record.period.from <= record.period.to && record.period.from >= (birthDate ?? '')).toBe(true);
        expect(JSON.parse(new TextDecoder().decode(record.content))).toMatchObject({
          resourceType: record.type,
          id: record.id,
        });
      }
      for (const { purposes, categories, labels, period, validDays, evidence: given } of consents) {
        evidence().check(given, 'evidence');
        const validFrom = '2026-07-01T00:00:00.000Z' as Instant;
        const institution = 'A'.repeat(22);
        const validUntil = addMs(validFrom, validDays * 86_400_000);
        consentTerms().check(
          {
            grantee: { kind: 'institution', institution },
            purposes,
            categories,
            labels,
            period,
            validFrom,
            validUntil,
          },
          'terms',
        );
      }
    }
  });

  it('fills every category, with some records labelled and restricted', () => {
    const records = residents.flatMap((resident) => resident.records);
    expect([...new Set(records.map(({ category }) => category))].sort()).toEqual([...CATEGORIES]);
    const labels = new Set(
      records.map(({ sensitivities, confidentiality }) => [...sensitivities, confidentiality].join()),
    );
    expect([...labels].sort()).toEqual(['HIV,R', 'N', 'PSY,R']);
    expect(new Set(records.map(({ id }) => id)).size).toBe(records.length);
    for (const { records: own } of residents)
      expect(own.map(({ period }) => period.from)).toEqual(own.map(({ period }) => period.from).sort());
  });

  it('lets nobody under 14 consent, and the others in every way', () => {
    const courses = new Set<string>();
    for (const { draft, consents } of residents) {
      const age = ageOn(draft.birthDate ?? LAST_DAY, LAST_DAY);
      if (age < 14) expect(consents).toEqual([]);
      for (const { course, asker } of consents) {
        courses.add(course);
        expect(asker === undefined).toBe(course === 'given');
      }
    }
    expect([...courses].sort()).toEqual(['asked', 'denied', 'given', 'granted', 'revoked']);
  });

  it('is refused for a seed or size that is out of range', () => {
    const start = (seed: string, size: number) => () => population({ seed, residents: size }).next();
    expect(start('', 1)).toThrow(Malformed);
    expect(start('a/b', 1)).toThrow(Malformed);
    expect(start('a', 1.5)).toThrow(Malformed);
    expect(start('a', -1)).toThrow(Malformed);
    expect(start('a', MAX_RESIDENTS + 1)).toThrow(Malformed);
    expect(start('a', MAX_RESIDENTS)).not.toThrow();
  });
});

describe('an age', () => {
  it('grows on the birthday', () => {
    const age = (birthDate: string, day: string) => ageOn(birthDate as never, day as never);
    expect([age('2012-06-30', '2026-06-29'), age('2012-06-30', '2026-06-30'), age('2012-02-29', '2026-02-28')]).toEqual(
      [13, 14, 13],
    );
  });
});

const ORDER = ['institution', 'practitioner', 'resident'];

function* takeWhile<T>(all: Iterable<T>, holds: (item: T) => boolean): Generator<T> {
  for (const item of all) {
    if (!holds(item)) return;
    yield item;
  }
}
