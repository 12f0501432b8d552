import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromUtf8, utf8 } from '../kernel/bytes.ts';
import { BundleFault } from './bundle-fault.ts';
import { decodeBundle } from './bundle-text.ts';
import { type Bundle, cutBundle } from './cut.ts';
import { textOf } from './fixture.ts';

/** Writes JSON in unusual but lawful ways: any white space anywhere, any letter escaped or not, keys in any order. */
type Oddity = () => number;
const SPACES = ['', ' ', '\n', '\r\n', '\t', '  \n\t'];

function oddText(text: string, next: Oddity): string {
  let out = '"';
  for (let i = 0; i < text.length; i++) {
    const unit = text.charAt(i);
    const code = text.charCodeAt(i);
    const plain = code >= 0x20 && unit !== '"' && unit !== '\\' && (code < 0xd800 || code > 0xdfff);
    const hex = code.toString(16).padStart(4, '0');
    if (unit === '/' && next() % 2 === 0) out += '\\/';
    else if (plain && next() % 4 !== 0) out += unit;
    else if (code >= 0xd800 && code <= 0xdbff && next() % 2 === 0) out += text.slice(i, ++i + 1);
    else out += `\\u${next() % 2 === 0 ? hex : hex.toUpperCase()}`;
  }
  return `${out}"`;
}

function oddJson(value: unknown, next: Oddity): string {
  const gap = () => SPACES[next() % SPACES.length] ?? '';
  const list = (open: string, items: string[], close: string) =>
    `${open}${gap()}${items.map((item) => `${gap()}${item}${gap()}`).join(',')}${close}`;
  if (typeof value === 'string') return oddText(value, next);
  if (Array.isArray(value))
    return list(
      '[',
      value.map((item) => oddJson(item, next)),
      ']',
    );
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).map(([k, v]) => `${oddText(k, next)}${gap()}:${gap()}${oddJson(v, next)}`);
  const turn = members.length === 0 ? 0 : next() % members.length;
  return list('{', [...members.slice(turn), ...members.slice(0, turn)], '}');
}

const wellFormed = fc.string({ unit: 'binary', maxLength: 8 }).map((text) => text.toWellFormed());
/** Keys that a careless cutter mistakes for its landmarks stand among them. */
const key = fc.oneof(fc.constantFrom('resource', 'entry', 'resourceType', '__proto__', 'a', '}', '"{'), wellFormed);
const { tree } = fc.letrec((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.oneof(
      wellFormed,
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
    ),
    fc.array(tie('tree'), { maxLength: 3 }),
    fc.dictionary(key, tie('tree'), { maxKeys: 4, noNullPrototype: true }),
  ),
}));
const resource = fc
  .dictionary(key, tree, { maxKeys: 5, noNullPrototype: true })
  .map((body) => ({ ...body, resourceType: 'Basic' }));
const entry = fc.record({ resource, fullUrl: wellFormed, request: fc.constant({ method: 'POST' }), search: tree });
const bundle = fc.tuple(fc.array(entry, { maxLength: 4 }), tree).map(([entries, extra]) => ({
  meta: extra,
  resourceType: 'Bundle',
  type: 'transaction',
  entry: entries,
}));
const written = fc.tuple(bundle, fc.infiniteStream(fc.nat(1000))).map(([value, stream]) => ({
  value,
  json: oddJson(value, () => Number(stream.next().value)),
}));

function faultOf(json: string): BundleFault {
  try {
    cutBundle(textOf(json));
  } catch (fault) {
    if (fault instanceof BundleFault) return fault;
    throw fault;
  }
  throw new Error('nothing was thrown');
}

describe('cutting a bundle', () => {
  it('gives each resource the bytes it has in the file, which parse to it', () => {
    fc.assert(
      fc.property(written, ({ value, json }) => {
        const text = textOf(json);
        const cut = cutBundle(text);
        expect(cut.entries.length).toBe(value.entry.length);
        for (const [i, { resource: found }] of cut.entries.entries()) {
          if (typeof found === 'string') throw new Error(found);
          const offset = found.bytes.byteOffset - text.bytes.byteOffset;
          const again = utf8(json).subarray(offset, offset + found.bytes.length);
          expect(Buffer.compare(again, found.bytes)).toBe(0);
          expect([found.bytes[0], found.bytes.at(-1)]).toEqual([0x7b, 0x7d]);
          const parsed: unknown = JSON.parse(fromUtf8(found.bytes));
          expect(parsed).toEqual(found.value);
          expect(parsed).toEqual(JSON.parse(JSON.stringify(value.entry[i]?.resource)));
        }
      }),
      { numRuns: 200 },
    );
  });

  it('counts letters of two, three and four bytes before the cut', () => {
    const json =
      '{"resourceType":"Bundle","x":"é健😀","type":"transaction","entry":[{"resource":{"resourceType":"Basic","n":"健"}}]}';
    const [first] = cutBundle(textOf(json)).entries;
    if (typeof first?.resource !== 'object') throw new Error('no resource');
    expect(fromUtf8(first.resource.bytes)).toBe('{"resourceType":"Basic","n":"健"}');
  });

  it('reads exactly what JSON.parse reads, and nothing that has a key twice', () => {
    fc.assert(
      fc.property(
        written,
        fc.nat(),
        fc.constantFrom('', ',', '}', ']', '"', '\\', '0', 'e', '-', '/', '//', '/**/', '\u00a0', '\u0000', '{', '['),
        fc.nat(2),
        ({ json }, at, insert, drop) => {
          const place = at % (json.length + 1);
          const changed = (json.slice(0, place) + insert + json.slice(place + drop)).toWellFormed();
          let cut: Bundle | undefined;
          let fault: unknown;
          try {
            cut = cutBundle(textOf(changed));
          } catch (thrown) {
            fault = thrown;
          }
          let lawful = true;
          try {
            JSON.parse(changed);
          } catch {
            lawful = false;
          }
          if (cut !== undefined) expect(lawful).toBe(true);
          else expect(fault).toBeInstanceOf(BundleFault);
          if (lawful && fault instanceof BundleFault) expect(fault.code).not.toBe('bundle-not-json');
          if (!lawful && fault instanceof BundleFault)
            expect(['bundle-not-json', 'bundle-duplicate-key', 'bundle-too-deep']).toContain(fault.code);
        },
      ),
      { numRuns: 500 },
    );
  });

  it.each([
    ['a comment', '{"type":"transaction", /* Li Planted */ "entry":[]}'],
    ['a trailing comma in a list', '{"entry":["Li Planted",]}'],
    ['a trailing comma in an object', '{"entry":"Li Planted",}'],
    ['a single quote', "{'Li Planted':1}"],
    ['an open string', '{"entry":"Li Planted'],
    ['text behind the end', '{"entry":"Li Planted"} 1'],
    ['a raw control character', '{"entry":"Li Planted\n"}'],
    ['nothing at all', ''],
  ])('refuses %s, naming line and column and nothing of the text', (_what, json) => {
    const fault = faultOf(json);
    expect(fault.code).toBe('bundle-not-json');
    expect(fault.place.line).toBeGreaterThan(0);
    expect(fault.message).not.toContain('Planted');
  });

  it('refuses a key that stands twice in one object, in whatever spelling, by line and column', () => {
    const fault = faultOf('{"resourceType":"Bundle",\n"entry":[{"resource":{"Planted":1,\n "Pl\\u0061nted":2}}]}');
    expect([fault.code, fault.place]).toEqual(['bundle-duplicate-key', { line: 3, column: 2 }]);
    expect(fault.message).not.toContain('Planted');
    expect(faultOf('{"entry":[],"entry":[]}').code).toBe('bundle-duplicate-key');
  });

  it('refuses what is no transaction bundle, naming the place', () => {
    expect(faultOf('[]').place).toEqual({ path: '$' });
    expect(faultOf('{"resourceType":"Patient"}').place).toEqual({ path: '$' });
    expect(faultOf('{"resourceType":"Bundle","type":"searchset"}').place).toEqual({ path: '$.type' });
    expect(faultOf('{"resourceType":"Bundle","type":"transaction","entry":{}}').place).toEqual({ path: '$.entry' });
  });

  it('tells entries without a usable resource from the others and goes on', () => {
    const entries = [
      '1',
      '{}',
      '{"resource":[{"resourceType":"Basic"}]}',
      '{"resource":{"resourceType":"Li 1"}}',
      '{"resource":{}}',
    ];
    const json = `{"resourceType":"Bundle","type":"transaction","entry":[${entries},{"resource":{"resourceType":"Basic"}}]}`;
    const found = cutBundle(textOf(json)).entries.map(({ resource: r }) => (typeof r === 'string' ? r : r.type));
    expect(found).toEqual([
      'not-a-resource',
      'no-resource',
      'not-a-resource',
      'not-a-resource',
      'not-a-resource',
      'Basic',
    ]);
  });

  it('is not misled by resources that stand elsewhere', () => {
    const wrong = '[{"resource":{"resourceType":"Wrong"}}]';
    const json = `{"before":${wrong},"resourceType":"Bundle","type":"transaction","entry":[{"link":${wrong},"resource":{"resourceType":"Basic","entry":${wrong}}}],"behind":${wrong}}`;
    const [only] = cutBundle(textOf(json)).entries;
    if (typeof only?.resource !== 'object') throw new Error('no resource');
    expect(fromUtf8(only.resource.bytes)).toBe(`{"resourceType":"Basic","entry":${wrong}}`);
  });

  it('leaves a resource that is larger than the limit', () => {
    const json = '{"resourceType":"Bundle","type":"transaction","entry":[{"resource":{"resourceType":"Basic"}}]}';
    const size = '{"resourceType":"Basic"}'.length;
    expect(typeof cutBundle(textOf(json), size).entries[0]?.resource).toBe('object');
    expect(cutBundle(textOf(json), size - 1).entries[0]?.resource).toBe('resource-too-large');
  });

  it('has no entries when the bundle has none', () => {
    expect(cutBundle(decodeBundle('b', utf8('{"resourceType":"Bundle","type":"transaction"}'))).entries).toEqual([]);
  });
});
