import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toHex } from '../kernel/base64.ts';
import { nodeSuite } from '../suite-node/suite.ts';
import { type ServedItem, servedRoot } from './served-set.ts';

describe('a served root', () => {
  const item: fc.Arbitrary<ServedItem> = fc.record({
    id: fc.uint8Array({ minLength: 16, maxLength: 16 }),
    revision: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    part: fc.constantFrom<1 | 2>(1, 2),
  });
  const name = (one: ServedItem): string => `${toHex(one.id)} ${one.revision} ${one.part}`;
  const items = fc.uniqueArray(item, { minLength: 1, maxLength: 20, selector: name });
  const salt = new Uint8Array(32).fill(9);

  it('does not depend on the order in which the items are given', () => {
    fc.assert(
      fc.property(items, fc.nat(), (given, seed) => {
        const turned = given.map((_, i) => given[(i + seed) % given.length] as ServedItem);
        expect(servedRoot(nodeSuite, salt, turned)).toEqual(servedRoot(nodeSuite, salt, given));
      }),
    );
  });

  it('changes with every item left out, added or altered, and with the salt', () => {
    fc.assert(
      fc.property(items, item, fc.nat(), (given, other, at) => {
        const root = toHex(servedRoot(nodeSuite, salt, given));
        const i = at % given.length;
        const one = given[i] as ServedItem;
        const altered = { ...one, revision: one.revision ^ 1n };
        const lists = [given.toSpliced(i, 1)];
        if (!given.some((known) => name(known) === name(other))) lists.push([...given, other]);
        if (!given.some((known) => name(known) === name(altered))) lists.push(given.with(i, altered));
        for (const list of lists) expect(toHex(servedRoot(nodeSuite, salt, list))).not.toBe(root);
        expect(toHex(servedRoot(nodeSuite, salt.with(0, 8), given))).not.toBe(root);
      }),
    );
  });

  it('names nothing twice', () => {
    fc.assert(
      fc.property(items, fc.nat(), (given, at) => {
        const twice = [...given, given[at % given.length] as ServedItem];
        expect(() => servedRoot(nodeSuite, salt, twice)).toThrow(RangeError);
      }),
    );
  });
});
