import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededEntropy } from '../../test/support/seeded.ts';
import { flipped, keyring } from '../../test/support/vaults.ts';
import { toBase64Url } from '../kernel/base64.ts';
import { Malformed } from '../kernel/fault.ts';
import { nobleSuite } from '../kernel/suite-noble.ts';
import { checkValues, verifyCheckValues } from './check-value.ts';
import { WrongKeyring } from './faults.ts';
import { createKeyring, keyIds, keyNamed, newest, parseKeyring, printKeyring } from './keyring.ts';

const text = printKeyring(keyring);
const fields = JSON.parse(text) as Record<string, unknown>;
const otherKey = toBase64Url(seededEntropy('other').bytes(32));

describe('a keyring', () => {
  it('reads back as it was printed, also with other spaces', () => {
    expect(parseKeyring(text)).toEqual(keyring);
    expect(parseKeyring(JSON.stringify(fields))).toEqual(keyring);
    expect(parseKeyring(`${text.replaceAll('\n', '\r\n')}\n`)).toEqual(keyring);
  });

  it('has keys of 32 bytes, no two alike, each with a name', () => {
    const keys = keyIds(keyring).map((id) => toBase64Url(keyNamed(keyring, id) ?? new Uint8Array()));
    expect(keyIds(keyring)).toEqual([
      'kek/1',
      'retention/1',
      'index/1',
      'request',
      'actor',
      'cursor',
      'developmentToken',
    ]);
    expect(new Set(keys).size).toBe(7);
    expect(keys.every((key) => key.length === 43)).toBe(true);
    for (const id of ['kek/2', 'kek', 'kek/1/1', 'kek/01x', 'nothing', ''])
      expect(keyNamed(keyring, id)).toBeUndefined();
  });

  it('wraps under the newest epoch, wherever it stands', () => {
    const [a, b] = [seededEntropy('a').bytes(32), seededEntropy('b').bytes(32)];
    expect(
      newest(
        new Map([
          [300, a],
          [7, b],
        ]),
      ),
    ).toEqual({ epoch: 300, key: a });
    const grown = parseKeyring(
      printKeyring({
        ...keyring,
        kek: new Map([
          [300, a],
          [7, b],
        ]),
      }),
    );
    expect([...grown.kek.keys()]).toEqual([7, 300]);
  });

  it.each([
    ['that is no JSON', 'x', 'not JSON'],
    ['that is no object', '[]', 'not an object'],
    ['of another format', JSON.stringify({ ...fields, format: 'hrl/keyring/v2' }), 'keyring.format'],
    ['with a field more', JSON.stringify({ ...fields, more: 1 }), 'not declared'],
    ['without a key', JSON.stringify({ ...fields, cursor: undefined }), 'keyring.cursor: is missing'],
    ['with a short key', JSON.stringify({ ...fields, cursor: otherKey.slice(1) }), 'keyring.cursor'],
    ['without an epoch', JSON.stringify({ ...fields, kek: [] }), 'keyring.kek'],
    ['with an epoch of 0', JSON.stringify({ ...fields, kek: [{ epoch: 0, key: otherKey }] }), 'keyring.kek[0].epoch'],
    ['with an epoch beyond u32', JSON.stringify({ ...fields, kek: [{ epoch: 2 ** 32, key: otherKey }] }), 'epoch'],
    [
      'with epochs in disorder',
      JSON.stringify({
        ...fields,
        kek: [
          { epoch: 2, key: otherKey },
          { epoch: 1, key: toBase64Url(seededEntropy('x').bytes(32)) },
        ],
      }),
      'not ascending',
    ],
    [
      'with an epoch twice',
      JSON.stringify({
        ...fields,
        kek: [
          { epoch: 1, key: otherKey },
          { epoch: 1, key: toBase64Url(seededEntropy('x').bytes(32)) },
        ],
      }),
      'not ascending',
    ],
    ['with one key in two places', JSON.stringify({ ...fields, cursor: fields.request }), 'one key in two places'],
    ['with a field twice', text.replace('"cursor"', `"cursor": "${otherKey}",\n  "cursor"`), 'a field twice'],
  ])('%s is refused, and its keys are not told', (_, broken, why) => {
    let said = '';
    try {
      parseKeyring(broken);
    } catch (error) {
      if (error instanceof Malformed) said = error.message;
    }
    expect(said).toContain(why);
    expect(said).not.toContain(otherKey);
    expect(said).not.toContain(fields.request as string);
  });
});

describe('check values', () => {
  const checks = checkValues(nobleSuite, keyring);

  it('fit the field of ledger.opened, and their keyring', () => {
    expect(checks.map((check) => check.name)).toEqual(['actor', 'index/1', 'kek/1', 'request', 'retention/1']);
    expect(checks.every((check) => check.value.length === 43)).toBe(true);
    expect(() => verifyCheckValues(nobleSuite, keyring, checks)).not.toThrow();
  });

  it('do not fit another keyring, nor one with any single key of another', () => {
    const other = createKeyring(seededEntropy('another'));
    expect(() => verifyCheckValues(nobleSuite, other, checks)).toThrow(WrongKeyring);
    for (const name of ['kek', 'retention', 'index', 'request', 'actor'] as const) {
      expect(() => verifyCheckValues(nobleSuite, { ...keyring, [name]: other[name] }, checks)).toThrow(WrongKeyring);
    }
  });

  it('fit a keyring whose first epochs have ended, and one with other cursor and token keys', () => {
    const other = createKeyring(seededEntropy('another'));
    const later = { ...keyring, kek: new Map([[2, seededEntropy('kek 2').bytes(32)]]), cursor: other.cursor };
    expect(() =>
      verifyCheckValues(nobleSuite, { ...later, developmentToken: other.developmentToken }, checks),
    ).not.toThrow();
    expect(() => checkValues(nobleSuite, later)).toThrow('kek/1');
  });

  it('that lack a key for life, or name one that is not known, fit nothing', () => {
    const without = checks.filter((check) => check.name !== 'request');
    const unknown = [...checks, { name: 'kek/9', value: checks[0]?.value ?? '' }];
    expect(() => verifyCheckValues(nobleSuite, keyring, without)).toThrow(WrongKeyring);
    expect(() => verifyCheckValues(nobleSuite, keyring, unknown)).toThrow(WrongKeyring);
    expect(() => verifyCheckValues(nobleSuite, keyring, [])).toThrow(WrongKeyring);
  });

  it('with any bit of a key changed do not fit', () => {
    fc.assert(
      fc.property(fc.constantFrom('request', 'actor'), fc.nat(31), (name, at) => {
        const changed = { ...keyring, [name]: flipped(keyring[name as 'request'], at) };
        expect(() => verifyCheckValues(nobleSuite, changed, checks)).toThrow(WrongKeyring);
      }),
      { numRuns: 30 },
    );
  });
});
