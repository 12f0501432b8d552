import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiUnderTest, nodesOf, only, openApi, page, type Variables } from '../support/api.ts';
import {
  type Cast,
  CONTENT,
  castOf,
  type Doctor,
  RECORD_PAGE,
  RECORDS,
  type RecordNode,
  type Resident,
} from '../support/cast.ts';

const LABELS = [
  { sensitivities: ['HIV'] },
  { sensitivities: ['PSY'] },
  { confidentiality: 'R' },
  { confidentiality: 'V' },
];

let api: ApiUnderTest;
let cast: Cast;
/** Registers everything; Dr Zhao, elsewhere, reads. */
let lin: Doctor;
let zhao: Doctor;
beforeAll(async () => {
  api = await openApi();
  cast = await castOf(api);
  lin = await cast.doctor(await cast.hospital());
  zhao = await cast.doctor(await cast.hospital());
});
afterAll(() => api.close());

/** A resident with so many plain records, and one for each of `hidden` that the grant below does not cover. */
async function resident(plain: number, hidden: readonly Variables[], grant: Variables = {}): Promise<Resident> {
  const one = await cast.resident();
  for (const over of hidden) await cast.record(lin, one, { title: 'hidden', ...over });
  for (let i = 0; i < plain; i++) await cast.record(lin, one, { title: 'plain' });
  await cast.grant(one, zhao.hospital, grant);
  return one;
}

/** What was told. Of what is another for every answer (ids, cursors, the event) only the length. */
async function told({ code }: Resident, variables: Variables = {}): Promise<string> {
  const { text } = await api.post(zhao.token, RECORDS, { code, ...variables });
  return text.replace(
    /"(id|event|cursor|endCursor)":"([A-Za-z0-9_.-]+)"/g,
    (_all, name: string, value: string) => `"${name}":${value.length}`,
  );
}

const ASKED: readonly Variables[] = [
  {},
  { first: 1 },
  { first: 2 },
  { index: 'EMR' },
  { index: 'EHR' },
  { categories: ['OUTPATIENT'] },
  { period: { from: '2024-01-01', to: '2024-12-31' } },
];

describe('totals, hasNextPage, cursors and texts are the same for “none” and “hidden”', () => {
  it('where records bear labels that the grant does not name', async () => {
    const [with2, without] = [await resident(2, LABELS), await resident(2, [])];
    for (const asked of ASKED) expect(await told(with2, asked)).toBe(await told(without, asked));
    expect(await told(with2)).toContain('"totalCount":2');
    expect(await told(with2)).not.toContain('hidden');
  });

  it('where every record is hidden and where there is none at all', async () => {
    const [all, none] = [await resident(0, LABELS), await resident(0, [])];
    for (const asked of ASKED) expect(await told(all, asked)).toBe(await told(none, asked));
    expect(await told(all)).toContain('"totalCount":0,');
  });

  it('where records are of another category, another period, or reach beyond it', async () => {
    const narrow = { categories: ['OUTPATIENT'], period: { from: '2024-01-01', to: '2024-12-31' } };
    const beyond = [
      { category: 'PRESCRIPTION' },
      { category: 'IMAGING', index: 'EHR' },
      { period: { from: '2023-12-31', to: '2024-01-01' } },
      { period: { from: '2024-12-31', to: '2025-01-01' } },
      { period: { from: '2019-05-05', to: '2019-05-06' } },
    ];
    const [more, less] = [await resident(1, beyond, narrow), await resident(1, [], narrow)];
    for (const asked of [...ASKED, { categories: ['OUTPATIENT', 'PRESCRIPTION', 'IMAGING'] }]) {
      expect(await told(more, asked)).toBe(await told(less, asked));
    }
  });

  it('where an organisation reads its own records by policy and others have registered more', async () => {
    const [both, alone] = [await cast.resident(), await cast.resident()];
    for (const one of [both, alone]) await cast.record(zhao, one, { title: 'own' });
    await cast.record(lin, both, { title: 'not own' });
    expect(await told(both)).toBe(await told(alone));
    expect(await told(both)).toContain('"totalCount":1');
  });

  it('for a hidden record and one that never was, asked for by id', async () => {
    const one = await resident(1, [{ sensitivities: ['HIV'] }], { labels: ['HIV'] });
    const shown = nodesOf(page<RecordNode>(only(await api.post(zhao.token, RECORDS, { code: one.code }))));
    const id = shown.find(({ title }) => title === 'hidden')?.id;
    expect(only(await api.post(zhao.token, CONTENT, { code: one.code, record: id })).__typename).toBe('Content');
    const list = '{ me { consents { ... on ConsentConnection { edges { node { consentId } } } } } }';
    const { consents } = only(await api.post(one.token, list)) as unknown as { consents: never };
    for (const { consentId } of nodesOf<{ consentId: string }>(consents)) await cast.revoke(one, consentId);
    await cast.grant(one, zhao.hospital);
    const [hidden, never] = [
      await api.post(zhao.token, CONTENT, { code: one.code, record: id }),
      await api.post(zhao.token, CONTENT, { code: one.code, record: 'no-such-record' }),
    ];
    expect(hidden.text).toBe(never.text);
    expect(only(hidden)).toMatchObject({ code: 'NOT_AVAILABLE' });
  });

  it('and the event says what total was told, so that it can be checked', async () => {
    const one = await resident(3, LABELS);
    const { answer, events } = await api.written(() => api.post(zhao.token, RECORDS, { code: one.code, first: 2 }));
    expect(page(only(answer))).toMatchObject({ totalCount: 3, pageInfo: { hasNextPage: true } });
    expect(events).toMatchObject([{ retained: { served: { count: 2, matched: 3 } } }]);
  });

  it('while the resident sees all of them', async () => {
    const one = await resident(1, LABELS);
    const me = only(await api.post(one.token, `{ me { records { ${RECORD_PAGE} } } }`)) as unknown as {
      records: unknown;
    };
    expect(page(me.records).totalCount).toBe(1 + LABELS.length);
  });
});
