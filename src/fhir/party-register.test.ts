import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { InstitutionDraft, PractitionerDraft } from './draft.ts';
import { extracted, keyOf, organization, practitioner } from './fixture.ts';
import { mergeInstitution, mergePractitioner } from './merge.ts';
import { partyRegister } from './party-register.ts';

const key = fc.record({ system: fc.constantFrom('urn:a', 'urn:b'), number: fc.constantFrom('1', '2', '3') });
const keys = fc.uniqueArray(key, { selector: (k) => k.system + k.number, minLength: 1, maxLength: 4 });
const text = fc.constantFrom('x', 'y');
const institution: fc.Arbitrary<InstitutionDraft> = fc.record(
  { key, identifiers: keys, name: text, region: text, level: fc.nat(3), kind: text, phone: text, address: text },
  { requiredKeys: ['key', 'identifiers', 'name'] },
);
const doctor: fc.Arbitrary<PractitionerDraft> = fc.record(
  { key, identifiers: keys, name: text, licence: text, title: text, affiliations: keys, phone: text, address: text },
  { requiredKeys: ['key', 'identifiers', 'name', 'affiliations'] },
);

describe('merging two drafts of one party', () => {
  it('takes nothing away, changes nothing, and says exactly what it adds', () => {
    const holds = <T extends object>(
      known: T,
      incoming: T,
      merge: (a: T, b: T) => { draft: T; added: readonly (keyof T)[] },
    ) => {
      const { draft, added } = merge(known, incoming);
      for (const field of Object.keys(known) as (keyof T)[]) {
        if (!added.includes(field)) expect(draft[field]).toEqual(known[field]);
        else expect(draft[field]).toEqual(expect.arrayContaining(known[field] as unknown[]));
      }
      for (const field of Object.keys(draft) as (keyof T)[]) expect(field in known || added.includes(field)).toBe(true);
      for (const field of Object.keys(incoming) as (keyof T)[]) expect(field in draft).toBe(true);
      expect(merge(draft, incoming)).toEqual({ draft, added: [] });
    };
    fc.assert(fc.property(institution, institution, (a, b) => holds(a, b, mergeInstitution)));
    fc.assert(fc.property(doctor, doctor, (a, b) => holds(a, b, mergePractitioner)));
  });

  it('keeps the first identifier in its place and adds the others behind', () => {
    const base = { key: keyOf('a'), name: 'A' };
    const merged = mergeInstitution(
      { ...base, identifiers: [keyOf('a')] },
      { ...base, identifiers: [keyOf('b'), keyOf('a')] },
    );
    expect(merged).toEqual({ draft: { ...base, identifiers: [keyOf('a'), keyOf('b')] }, added: ['identifiers'] });
  });

  it('stops adding identifiers where the event ends', () => {
    const many = (from: number) => Array.from({ length: 12 }, (_, i) => keyOf(String(from + i)));
    const base = { key: keyOf('a'), name: 'A' };
    const merged = mergeInstitution({ ...base, identifiers: many(0) }, { ...base, identifiers: many(12) });
    expect(merged.draft.identifiers).toEqual([...many(0), ...many(12).slice(0, 4)]);
  });
});

describe('a party', () => {
  it('is found by its official number, else by the first in text order, whatever the order in the file', () => {
    const keyed = (...identifier: object[]) => extracted([organization('a', { identifier })]).institutions[0]?.draft;
    const [a, b, c] = [
      { system: 'urn:a', value: '1' },
      { system: 'urn:b', value: '1' },
      { system: 'urn:c', value: '1', use: 'official' },
    ];
    expect(keyed(b, a)).toMatchObject({
      key: { system: 'urn:a' },
      identifiers: [{ system: 'urn:a' }, { system: 'urn:b' }],
    });
    expect(keyed(b, c, a)?.key).toEqual({ system: 'urn:c', number: '1' });
    expect(keyed({ system: 'urn:x' }, { value: '2' })).toBeUndefined();
  });

  it('shows kind, title, licence and contacts where the source has them', () => {
    const contacts = { telecom: [{ system: 'phone', value: '5' }], address: [{ text: 'Lane 1' }] };
    const { institutions, practitioners } = extracted([
      organization('a', { ...contacts, type: [{ text: '综合医院' }, { text: 'other' }] }),
      practitioner('doc', { ...contacts, qualification: [{ identifier: [{ value: 'L-7' }] }] }),
    ]);
    expect(institutions[0]?.draft).toMatchObject({ kind: '综合医院', phone: '5', address: 'Lane 1' });
    expect(practitioners[0]?.draft).toMatchObject({ licence: 'L-7', title: 'Dr.', phone: '5', address: 'Lane 1' });
  });
});

describe('the register of a run', () => {
  it('has each party once: the first wins, others add', () => {
    const register = partyRegister();
    const outcomes = (...resources: Parameters<typeof extracted>[0]) =>
      register.add(extracted(resources)).map(({ outcome }) => outcome);
    expect(outcomes(organization('a'), practitioner('doc'))).toEqual([{ kind: 'new' }, { kind: 'new' }]);
    expect(outcomes(organization('a'), practitioner('doc'))).toEqual([{ kind: 'same' }, { kind: 'same' }]);
    const more = { name: 'Other', telecom: [{ system: 'phone', value: '5' }] };
    expect(outcomes(organization('a', more))).toEqual([{ kind: 'merged', added: ['phone'] }]);
    expect(outcomes(organization('a', { active: true }))).toEqual([{ kind: 'merged', added: [] }]);
    expect(register.institutions()).toMatchObject([{ name: 'Hospital a', phone: '5' }]);
    expect(register.practitioners()).toMatchObject([{ name: 'doc Heal' }]);
  });

  it('finds a party of another bundle by fullUrl or Type/id, unless two bear the name', () => {
    const register = partyRegister();
    register.add(extracted([organization('a'), organization('b')]));
    register.add(extracted([organization('b', { identifier: [{ system: 'urn:other', value: '9' }] })]));
    expect(register.partyElsewhere('Organization/a')).toEqual(keyOf('a'));
    expect(register.partyElsewhere('urn:uuid:a')).toEqual(keyOf('a'));
    expect(register.partyElsewhere('Organization/b')).toBeUndefined();
    expect(register.partyElsewhere('Practitioner/a')).toBeUndefined();
  });
});
