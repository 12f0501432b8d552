import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, type ApiUnderTest, only, openApi } from '../support/api.ts';
import { type Cast, castOf } from '../support/cast.ts';

/** One person, however a clerk, a kiosk or an identity provider spells the number of their document. */

interface Person {
  readonly type: string;
  /** As it is printed. */
  readonly number: string;
  /** Another number that names the same card: 15 digits, as they were until 1999. */
  readonly old?: string;
  readonly normal: string;
  code: string;
}

const PEOPLE: readonly Person[] = [
  { type: '01', number: '11010519491231002X', old: '110105491231002', normal: '11010519491231002X', code: '' },
  { type: '01', number: '11010020171225006X', normal: '11010020171225006X', code: '' },
  { type: '02', number: 'HK-0017 B', normal: 'HK0017B', code: '' },
  { type: '03', number: 'e12345678', normal: 'E12345678', code: '' },
  { type: '04', number: '军字第0012345号', normal: '军字第0012345号', code: '' },
  { type: '06', number: 'H1234567802', normal: 'H1234567802', code: '' },
];

let api: ApiUnderTest;
let cast: Cast;
beforeAll(async () => {
  api = await openApi();
  cast = await castOf(api);
  for (const person of PEOPLE) {
    const { type, number } = person;
    const input = { region: '110105', name: `A holder of ${type}`, documents: [{ type, number }] };
    person.code = (await cast.done(cast.office, 'registerResident', input)).healthCode as string;
  }
});
afterAll(() => api.close());

const SEPARATORS = [
  '',
  ' ',
  '  ',
  '-',
  '–',
  '—',
  '－',
  '‐',
  '\u00a0',
  '\u3000',
  '\t',
  '\u200b',
  '\u00ad',
  '\ufe0f',
  '\u2060',
];
const wide = (text: string): string => text.replace(/[!-~]/g, (c) => String.fromCodePoint(c.charCodeAt(0) + 0xfee0));
const cases = [(text: string) => text, (text: string) => text.toLowerCase(), (text: string) => text.toUpperCase()];
const forms = ['NFC', 'NFD', 'NFKC', 'NFKD'] as const;

/** A spelling of a number: case, width letter by letter, what stands between the letters, and the normal form that it is sent in. */
const spelling = fc.record({
  person: fc.constantFrom(...PEOPLE),
  old: fc.boolean(),
  cased: fc.constantFrom(...cases),
  widths: fc.array(fc.boolean(), { minLength: 24, maxLength: 24 }),
  gaps: fc.array(
    fc.oneof({ weight: 4, arbitrary: fc.constant('') }, { weight: 1, arbitrary: fc.constantFrom(...SEPARATORS) }),
    {
      minLength: 24,
      maxLength: 24,
    },
  ),
  form: fc.constantFrom(...forms),
});

function spelled({
  person,
  old,
  cased,
  widths,
  gaps,
  form,
}: typeof spelling extends fc.Arbitrary<infer S> ? S : never): string {
  const letters = [...cased((old ? person.old : undefined) ?? person.number)];
  return letters
    .map((c, i) => `${gaps[i] ?? ''}${widths[i] === true ? wide(c) : c}`)
    .join('')
    .normalize(form);
}

describe('a document’s number', () => {
  it('in any spelling reaches the same person: at the office, in a code’s renewal and in a verified claim', async () => {
    await fc.assert(
      fc.asyncProperty(spelling, async (way) => {
        const { person } = way;
        const document = { type: person.type, number: spelled(way) };
        const again = { region: '110105', name: 'Whatever is said now', documents: [document] };
        expect(await cast.done(cast.office, 'registerResident', again)).toMatchObject({ healthCode: person.code });
        expect(await cast.done(cast.office, 'issueCode', { documents: [document] })).toMatchObject({
          healthCode: person.code,
        });
        const token = await api.mint({ role: 'resident', subject: `holder of ${person.normal}`, document });
        const me = only(
          await api.post(token, '{ me { profile { ... on Profile { name documents { type number } } } } }'),
        );
        expect(me.profile).toEqual({
          name: `A holder of ${person.type}`,
          documents: [{ type: person.type, number: person.normal }],
        });
      }),
      { numRuns: 40 },
    );
  });

  it('in any spelling is somebody’s, and is not linked to another person', async () => {
    await fc.assert(
      fc.asyncProperty(spelling, fc.constantFrom(...PEOPLE), async (way, other) => {
        const input = { code: other.code, documents: [{ type: way.person.type, number: spelled(way) }] };
        const answer = only(await cast.tell(cast.office, 'linkDocuments', input));
        if (other === way.person) expect(answer.__typename).toBe('Receipt');
        else expect(answer).toMatchObject({ code: 'DOCUMENT_CONFLICT' });
      }),
      { numRuns: 25 },
    );
  });

  const REFUSED: readonly (readonly [string, string, string, string])[] = [
    ['of digits of another script', '01', '١١٠١٠٥١٩٤٩١٢٣١٠٠٢X', 'ID_CARD_INVALID'],
    ['with a Cyrillic letter for X', '01', '11010519491231002Х', 'ID_CARD_INVALID'],
    ['with a wrong check character', '01', '110105194912310021', 'ID_CARD_INVALID'],
    ['of 15 digits on no day', '01', '110105491331002', 'ID_CARD_INVALID'],
    ['of 17 digits', '01', '11010519491231002', 'ID_CARD_INVALID'],
    ['with a lone surrogate', '01', '1101051949123100\ud8352X', 'BAD_INPUT'],
    ['with NUL', '03', 'E123\u000045678', 'BAD_INPUT'],
    ['of nothing', '03', '', 'BAD_INPUT'],
    ['of separators alone', '03', ' - ', 'BAD_INPUT'],
    ['of what has no shape', '01', '\u200b\u00ad\u2060', 'BAD_INPUT'],
    ['longer than any', '03', 'E'.repeat(129), 'BAD_INPUT'],
    ['of a type that is none', '08', 'E12345678', 'BAD_INPUT'],
    ['of a type in full width', '０３', 'E12345678', 'BAD_INPUT'],
    ['of a type that needs an issuer', '99', 'E12345678', 'BAD_INPUT'],
  ];
  it.each(REFUSED)('%s is refused by a code, registers nobody and holds nothing', async (_what, type, number, code) => {
    const documents = [{ type, number }];
    const { answer, events } = await api.written(async () => [
      await cast.tell(cast.office, 'registerResident', { region: '110105', name: 'N', documents }),
      await cast.tell(cast.office, 'linkDocuments', { code: PEOPLE[3]?.code, documents }),
      await cast.tell(cast.office, 'issueCode', { documents }),
    ]);
    const told = answer.map(
      ({ data, errors }) => errors[0]?.extensions.code ?? (Object.values(data ?? {})[0] as Answer).code,
    );
    expect(told.slice(0, 2)).toEqual([code, code]);
    // Looked up and not checked: nobody has such a card.
    expect(['NOT_REGISTERED', code]).toContain(told[2]);
    expect(events).toEqual([]);
    expect(answer.map(({ status }) => status).filter((status) => status >= 500)).toEqual([]);
  });

  it.each(REFUSED.filter(([, , , code]) => code === 'BAD_INPUT'))(
    '%s in a token’s claim is nobody’s',
    async (_what, type, number) => {
      const token = await api.mint({ role: 'resident', subject: 'somebody else', document: { type, number } });
      const reply = await api.post(token, '{ me { profile { __typename } } }');
      expect([reply.status, reply.errors[0]?.extensions.code]).toEqual([401, 'UNAUTHENTICATED']);
    },
  );
});
