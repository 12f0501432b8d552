import { describe, expect, it } from 'vitest';
import { documentTableText, ID_CARD_SYSTEM } from './document-type.ts';
import { patient, SYSTEM } from './fixture.ts';
import { residentDraft } from './resident.ts';

const draftOf = (more: object) => {
  const draft = residentDraft(patient(more), 'p1', 'urn:fallback');
  if (typeof draft === 'string') throw new Error(draft);
  return draft;
};
const coded = (code: string) => ({ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0203', code }] });

describe('a Patient as a resident', () => {
  it('takes every identifier as a document of type, issuing system and number', () => {
    const { documents } = draftOf({
      identifier: [
        { system: 'http://hl7.org/fhir/sid/us-ssn', value: '999-22-1962', type: coded('SS') },
        { system: 'http://hl7.org/fhir/sid/passport-CHN', value: 'E 1234', type: coded('PPN') },
        { system: 'http://hl7.org/fhir/sid/passport-USA', value: 'E 1234', type: coded('PPN') },
        { system: ID_CARD_SYSTEM, value: '11010519491231002X' },
        { system: 'urn:police', value: '11010020171225006X', type: coded('NNCHN') },
        { system: 'urn:licence', value: 'S1', type: { coding: [{ system: 'urn:other', code: 'PPN' }] } },
        { system: 'urn:licence', value: 'S1' },
        { value: 'no system' },
        { system: 'urn:no-value' },
        { system: 'urn:系统', value: '1' },
      ],
    });
    expect(documents).toEqual([
      { type: 'fhir:http://hl7.org/fhir/sid/us-ssn', issuer: 'http://hl7.org/fhir/sid/us-ssn', number: '999-22-1962' },
      { type: '03', issuer: 'urn:iso:3166:CN', number: 'E 1234' },
      { type: '03', issuer: 'http://hl7.org/fhir/sid/passport-USA', number: 'E 1234' },
      { type: '01', issuer: ID_CARD_SYSTEM, number: '11010519491231002X' },
      { type: '01', issuer: ID_CARD_SYSTEM, number: '11010020171225006X' },
      { type: 'fhir:urn:licence', issuer: 'urn:licence', number: 'S1' },
    ]);
    expect(documentTableText()).toContain('NNCHN');
  });

  it('is none without a name or a document, or with more documents than an event holds', () => {
    const reason = (more: object) => residentDraft(patient(more), 'p1', undefined);
    expect(reason({ name: [] })).toBe('no-name');
    expect(reason({ identifier: [{ value: '1' }] })).toBe('no-document');
    const many = (n: number) => Array.from({ length: n }, (_, i) => ({ system: SYSTEM, value: String(i) }));
    expect(reason({ identifier: many(33) })).toBe('too-many-documents');
    expect(reason({ identifier: many(32) })).toMatchObject({ sourceSystem: SYSTEM });
    expect(reason({ identifier: [{ type: coded('SS'), system: 'urn:ssn', value: '1' }] })).toBe('no-source-system');
  });

  it('comes from meta.source, else the system of its record number, else of an untyped identifier, else the given one', () => {
    const record = (system: string) => ({ type: coded('MR'), system, value: '1' });
    const untyped = { system: 'urn:a-untyped', value: '1' };
    const other = { type: coded('SS'), system: 'urn:a-ssn', value: '1' };
    const from = (identifier: object[], more: object = {}) => draftOf({ identifier, ...more }).sourceSystem;
    expect(from([untyped, record('urn:b')], { meta: { source: 'urn:his#9f1c' } })).toBe('urn:his');
    expect(from([untyped, record('urn:c'), record('urn:b')])).toBe('urn:b');
    expect(from([record('urn:b'), other, record('urn:c')])).toBe('urn:b');
    expect(from([other, untyped])).toBe('urn:a-untyped');
    expect(from([other])).toBe('urn:fallback');
  });

  it('shows the official name, the mobile phone and the home address', () => {
    const draft = draftOf({
      name: [
        { use: 'old', text: 'Old Name' },
        { use: 'nickname', text: 'Nick' },
        { use: 'official', family: '王', given: ['小', '明'] },
      ],
      telecom: [
        { system: 'email', value: 'a@example.org', use: 'mobile' },
        { system: 'phone', value: '1', use: 'work' },
        { system: 'phone', value: '2', use: 'mobile' },
      ],
      address: [
        { use: 'work', text: 'Office' },
        { use: 'home', line: ['1 Lane', 'Flat 2'], city: 'Town', postalCode: '550001', country: 'CN' },
      ],
      gender: 'female',
      birthDate: '1980-02-29',
    });
    expect(draft).toMatchObject({ name: '小 明 王', names: ['小 明 王', 'Nick', 'Old Name'], sex: 'female' });
    expect(draft).toMatchObject({ phone: '2', address: '1 Lane, Flat 2, Town, 550001, CN', birthDate: '1980-02-29' });
  });

  it('keeps only what an event can hold', () => {
    const draft = draftOf({
      name: [{ text: ` \u0000${'x'.repeat(255)}😀 ` }],
      gender: 'm',
      birthDate: '1980-02',
      address: [{ text: '\ud800' }],
    });
    expect(draft.name).toBe('x'.repeat(255));
    expect(Object.keys(draft).sort()).toEqual([
      'address',
      'demographics',
      'documents',
      'name',
      'names',
      'sourceId',
      'sourceSystem',
    ]);
    expect(draft.address).toBe('\ufffd');
  });

  it('is dead since an instant, or dead, or not known to be', () => {
    expect(draftOf({ deceasedDateTime: '2020-01-02T03:04:05+08:00' }).deceased).toEqual({
      at: '2020-01-01T19:04:05.000Z',
    });
    expect(draftOf({ deceasedBoolean: true }).deceased).toEqual({});
    expect(draftOf({ deceasedDateTime: 'last year' }).deceased).toEqual({});
    expect(draftOf({ deceasedBoolean: false }).deceased).toBeUndefined();
    expect(draftOf({}).deceased).toBeUndefined();
  });

  it('keeps what else is said under the name of its element', () => {
    const extension = [
      { url: 'http://x/birthPlace', valueAddress: { city: 'Holyoke', country: 'US' } },
      { url: 'http://x/race', extension: [{ url: 'ombCategory' }, { url: 'text', valueString: 'White' }] },
      { url: 'http://x/years', valueDecimal: 0.5 },
      { url: 'http://x/empty' },
    ];
    const more = { extension, maritalStatus: { text: 'M' }, communication: [{ language: { text: '中文' } }] };
    expect(draftOf({ ...more, multipleBirthInteger: 2 }).demographics).toEqual({
      maritalStatus: 'M',
      communication: '中文',
      multipleBirth: '2',
      birthPlace: 'Holyoke, US',
      race: 'White',
      years: '0.5',
    });
  });
});
