import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BundleFault } from './bundle-fault.ts';
import { cutBundle } from './cut.ts';
import type { RecordDraft } from './draft.ts';
import { type BundleDrafts, type ExtractOptions, extractBundle } from './extract.ts';
import {
  encounter,
  extracted,
  keyOf,
  observation,
  organization,
  patient,
  practitioner,
  type Resource,
  textOf,
} from './fixture.ts';
import { RESOURCE_TABLE, resourceTableText } from './resource-table.ts';

const recordsOf = (drafts: BundleDrafts): readonly RecordDraft[] =>
  drafts.residents.flatMap(({ records }) => records.map(({ draft }) => draft));
const reasonsOf = (drafts: BundleDrafts) => drafts.left.map(({ type, reason }) => `${type} ${reason}`);
const recordOf = (id: string, resources: readonly Resource[], options: ExtractOptions = {}): RecordDraft => {
  const drafts = extracted(resources, options);
  const found = recordsOf(drafts).find((draft) => draft.id === id);
  if (found === undefined) throw new Error(reasonsOf(drafts).join());
  return found;
};
const to = (type: string, id: string) => ({ reference: `${type}/${id}` });

describe('records of a bundle', () => {
  const world = [patient(), organization('a'), organization('b'), practitioner('doc')];

  it('carry identity, days, code, title and the very bytes', () => {
    const record = recordOf('o1', [
      ...world,
      encounter('e1', 'a', '2020-05-01'),
      observation('o1', { encounter: to('Encounter', 'e1') }),
    ]);
    expect({ ...record, content: JSON.parse(new TextDecoder().decode(record.content)).id }).toEqual({
      sourceSystem: 'https://hospital.example/patients',
      type: 'Observation',
      id: 'o1',
      category: 'wellness',
      index: 'EHR',
      custodian: keyOf('a'),
      period: { from: '2020-05-01', to: '2020-05-01' },
      at: '2020-05-01T02:00:00.000Z',
      code: { system: 'http://loinc.org', code: '8302-2' },
      title: 'Body height',
      sensitivities: [],
      confidentiality: 'N',
      content: 'o1',
      mediaType: 'application/fhir+json',
    });
  });

  it('have the same identity and place whatever the order of the entries and the name of the file', () => {
    const resources = [
      ...world,
      encounter('e1', 'a', '2020-05-01'),
      encounter('e2', 'b', '2021-05-01', { participant: [{ individual: to('Practitioner', 'doc') }] }),
      observation('o1', { encounter: to('Encounter', 'e1') }),
      observation('o2'),
      { resourceType: 'Goal', id: 'g1', subject: to('Patient', 'p1'), description: { text: 'Less salt' } },
      {
        resourceType: 'CarePlan',
        id: 'c1',
        subject: to('Patient', 'p1'),
        goal: [to('Goal', 'g1')],
        encounter: to('Encounter', 'e1'),
        period: { start: '2020-06' },
      },
    ];
    const sorted = (drafts: BundleDrafts) => [
      drafts.institutions.map(({ draft }) => JSON.stringify(draft)).sort(),
      drafts.practitioners.map(({ draft }) => JSON.stringify(draft)).sort(),
      recordsOf(drafts)
        .map((draft) => JSON.stringify({ ...draft, content: [...draft.content] }))
        .sort(),
    ];
    const expected = sorted(extracted(resources));
    fc.assert(
      fc.property(fc.shuffledSubarray(resources, { minLength: resources.length }), (shuffled) => {
        expect(sorted(extracted(shuffled))).toEqual(expected);
      }),
      { numRuns: 50 },
    );
  });

  it('are kept by the provider of the encounter, else by the given custodian, else by that of the latest encounter', () => {
    const early = encounter('e1', 'a', '2020-05-01');
    const late = encounter('e2', 'b', '2021-05-01');
    const given = { custodian: { system: 'urn:given', number: '1' } };
    const at = (more: object, options: ExtractOptions = {}) =>
      recordOf('o1', [...world, late, early, observation('o1', more)], options).custodian;
    expect(at({ encounter: to('Encounter', 'e1') }, given)).toEqual(keyOf('a'));
    expect(at({}, given)).toEqual(given.custodian);
    expect(at({})).toEqual(keyOf('b'));
    const claim = {
      resourceType: 'Claim',
      id: 'c1',
      patient: to('Patient', 'p1'),
      created: '2020',
      provider: to('Organization', 'b'),
      item: [{}, { encounter: [to('Encounter', 'e1')] }],
    };
    expect(recordOf('c1', [...world, late, early, claim], given).custodian).toEqual(keyOf('a'));
  });

  it('whose provider is named but not known are not given to another', () => {
    const nowhere = encounter('e1', 'elsewhere', '2020-05-01');
    const here = encounter('e2', 'b', '2021-05-01');
    const bundle = [
      ...world,
      nowhere,
      here,
      observation('o1', { encounter: to('Encounter', 'e1') }),
      observation('o2', { encounter: to('Encounter', 'gone') }),
    ];
    expect(reasonsOf(extracted(bundle))).toEqual([
      'Encounter custodian-unknown',
      'Observation custodian-unknown',
      'Observation custodian-unknown',
    ]);
    expect(reasonsOf(extracted(bundle, { custodian: keyOf('a') }))).toEqual([]);
    const known = extracted(bundle, {
      partyElsewhere: (name) => (name === 'Organization/elsewhere' ? keyOf('x') : undefined),
    });
    expect(recordsOf(known).find(({ id }) => id === 'o1')?.custodian).toEqual(keyOf('x'));
    expect(reasonsOf(extracted([patient(), observation('o1')]))).toEqual(['Observation no-custodian']);
  });

  it('name their author by reference, contained resource or identifier', () => {
    const doctor = { system: 'https://licences.example', number: 'number-of-doc' };
    const by = (performer: unknown, more: object = {}) =>
      recordOf('o1', [...world, observation('o1', { performer: [performer], ...more })], { custodian: keyOf('a') })
        .author;
    expect(by({ reference: 'urn:uuid:doc' })).toEqual(doctor);
    expect(by(to('Practitioner', 'doc'))).toEqual(doctor);
    expect(by(to('Practitioner', 'doc/_history/2'))).toEqual(doctor);
    expect(by({ reference: '#c' }, { contained: [practitioner('c')] })).toEqual({ ...doctor, number: 'number-of-c' });
    expect(by({ identifier: { system: 'urn:x', value: '7' } })).toEqual({ system: 'urn:x', number: '7' });
    expect(by({ reference: 'https://other.example/Practitioner/doc' })).toBeUndefined();
    expect(by({ reference: '#gone' })).toBeUndefined();
    expect(by(to('Organization', 'a'))).toBeUndefined();
    expect(by(to('Patient', 'p1'))).toBeUndefined();
  });

  it('span all their clinical times; without one they take the time of writing, the encounter or the plan', () => {
    const days = (...resources: Resource[]) =>
      recordOf(resources[0]?.id ?? '', [...world, ...resources], { custodian: keyOf('a') }).period;
    const condition = (more: object) => ({
      resourceType: 'Condition',
      id: 'c1',
      subject: to('Patient', 'p1'),
      ...more,
    });
    expect(
      days(condition({ onsetDateTime: '2019', abatementDateTime: '2020-02', recordedDate: '2021-01-01' })),
    ).toEqual({ from: '2019-01-01', to: '2020-02-29' });
    expect(days(condition({ abatementDateTime: '2018-01-01', onsetDateTime: '2019-01-01' }))).toEqual({
      from: '2018-01-01',
      to: '2019-01-01',
    });
    expect(days(condition({ recordedDate: '2021-01-01', onsetDateTime: 'long ago' }))).toEqual({
      from: '2021-01-01',
      to: '2021-01-01',
    });
    expect(days(condition({ encounter: to('Encounter', 'e1') }), encounter('e1', 'a', '2017-03-04'))).toEqual({
      from: '2017-03-04',
      to: '2017-03-04',
    });
    const goal = { resourceType: 'Goal', id: 'g1', subject: to('Patient', 'p1') };
    const plan = {
      resourceType: 'CarePlan',
      id: 'k1',
      subject: to('Patient', 'p1'),
      period: { start: '2016', end: '2017' },
      goal: [to('Goal', 'g1')],
    };
    expect(days(goal, plan)).toEqual({ from: '2016-01-01', to: '2017-12-31' });
    expect(reasonsOf(extracted([...world, goal], { custodian: keyOf('a') }))).toEqual(['Goal no-clinical-time']);
  });

  it('fall into the category that the table says', () => {
    const stay = encounter('in', 'a', '2020-01-01', { class: { code: 'IMP' } });
    const visit = encounter('out', 'a', '2020-01-01');
    const categoryOf = (resource: Resource) => {
      const { category, index } = recordOf(
        'x',
        [...world, stay, visit, { ...resource, id: 'x', subject: to('Patient', 'p1') }],
        { custodian: keyOf('a') },
      );
      return `${category} ${index}`;
    };
    expect(categoryOf({ ...stay })).toBe('discharge-summary EMR');
    expect(categoryOf({ ...visit })).toBe('outpatient EMR');
    const procedure = (at: string) => ({
      resourceType: 'Procedure',
      encounter: to('Encounter', at),
      performedDateTime: '2020',
    });
    expect(categoryOf(procedure('in'))).toBe('discharge-summary EMR');
    expect(categoryOf(procedure('out'))).toBe('outpatient EMR');
    const lab = { category: [{ coding: [{ code: 'laboratory' }] }] };
    expect(categoryOf(observation('x', lab))).toBe('diagnostic-report EMR');
    expect(categoryOf(observation('x'))).toBe('wellness EHR');
  });

  it('without a subject in the bundle, an id or a method that brings something are left', () => {
    const given = { custodian: keyOf('a') };
    expect(reasonsOf(extracted([observation('o1')], given))).toEqual(['Observation subject-not-in-bundle']);
    expect(reasonsOf(extracted([patient({ name: [] }), observation('o1')], given))).toEqual([
      'Patient no-name',
      'Observation subject-left',
    ]);
    expect(reasonsOf(extracted([patient(), observation('not an id')], given))).toEqual(['Observation no-id']);
    expect(
      reasonsOf(
        extracted([
          patient(),
          { resourceType: 'Coverage', id: 'c' },
          organization('a', { identifier: [] }),
          practitioner('d', { name: [] }),
        ]),
      ),
    ).toEqual(['Coverage unknown-type', 'Organization no-name-or-identifier', 'Practitioner no-name-or-identifier']);
    const json = (method: string) =>
      `{"resourceType":"Bundle","type":"transaction","entry":[{"resource":${JSON.stringify(patient())},"request":{"method":"${method}"}}]}`;
    const left = (method: string) => reasonsOf(extractBundle(cutBundle(textOf(json(method)))));
    expect([left('DELETE'), left('PUT'), left('POST')]).toEqual([['Patient method-not-taken'], [], []]);
  });

  it('of a fullUrl that stands twice are refused with the file; an id that stands twice means neither', () => {
    expect(() => extracted([patient(), { ...observation('p1') }])).toThrow(BundleFault);
    const twice = [patient(), { ...patient(), identifier: [{ system: 'urn:b', value: '2' }] }];
    const entry = twice.map((resource, i) => ({ fullUrl: `urn:uuid:${i}`, resource }));
    const json = JSON.stringify({
      resourceType: 'Bundle',
      type: 'transaction',
      entry: [...entry, { resource: observation('o1') }],
    });
    expect(reasonsOf(extractBundle(cutBundle(textOf(json)), { custodian: keyOf('a') }))).toEqual([
      'Observation subject-not-in-bundle',
    ]);
  });

  it('and all other entries stand in exactly one list', () => {
    const pool = [
      patient(),
      organization('a'),
      practitioner('doc'),
      encounter('e1', 'a', '2020-01-01'),
      observation('o1'),
      observation('o2', { effectiveDateTime: 'x' }),
      { resourceType: 'Coverage' },
      { resourceType: 'Basic', id: 'b' },
    ];
    fc.assert(
      fc.property(fc.subarray(pool), (resources) => {
        const drafts = extracted(resources);
        const seen = [
          ...drafts.institutions.map(({ entry }) => entry),
          ...drafts.practitioners.map(({ entry }) => entry),
          ...drafts.residents.flatMap(({ entry, records }) => [entry, ...records.map((record) => record.entry)]),
          ...drafts.left.map(({ entry }) => entry),
        ];
        expect(seen.sort((a, b) => a - b)).toEqual(resources.map((_, i) => i));
        expect(drafts.entries).toBe(resources.length);
      }),
    );
  });
});

describe('practitioners of a bundle', () => {
  it('are affiliated to the providers of the encounters that they took part in, each once', () => {
    const took = (id: string, provider: string | undefined) =>
      encounter(id, provider, '2020-01-01', {
        participant: [{ individual: to('Practitioner', 'doc') }, { individual: to('Patient', 'p1') }],
      });
    const drafts = extracted([
      patient(),
      organization('a'),
      organization('b'),
      practitioner('doc'),
      practitioner('idle'),
      took('e1', 'a'),
      took('e2', 'a'),
      took('e3', 'b'),
      took('e4', undefined),
      took('e5', 'gone'),
    ]);
    expect(drafts.practitioners.map(({ draft }) => [draft.name, draft.title, draft.affiliations])).toEqual([
      ['doc Heal', 'Dr.', [keyOf('a'), keyOf('b')]],
      ['idle Heal', 'Dr.', []],
    ]);
  });
});

describe('the printed table', () => {
  it('has a line for each rule, and a last one without condition for each type', () => {
    const text = resourceTableText();
    for (const { type, category } of RESOURCE_TABLE) expect(text).toMatch(new RegExp(`\\| ${type} .*\\| ${category} `));
    const last = new Map(RESOURCE_TABLE.map((row) => [row.type, row.when]));
    expect([...last.values()].every((when) => when === undefined)).toBe(true);
    expect(text.split('\n').length).toBe(2 + 3 + RESOURCE_TABLE.length);
  });
});
