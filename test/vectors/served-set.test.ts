import { describe, expect, it } from 'vitest';
import { toHex } from '../../src/kernel/base64.ts';
import type { Suite } from '../../src/kernel/suite.ts';
import { servedRoot } from '../../src/ledger/served-set.ts';
import { hex, SUITES, vectors } from './vectors.ts';

interface ServedVector {
  readonly salt: string;
  readonly items: readonly { readonly id: string; readonly revision: string; readonly part: 1 | 2 }[];
  readonly root: string;
}

const root = (suite: Suite, vector: ServedVector): string =>
  toHex(
    servedRoot(
      suite,
      hex(vector.salt),
      vector.items.map(({ id, revision, part }) => ({ id: hex(id), revision: BigInt(revision), part })),
    ),
  );

/** Facts that are no set at all; every other invalid vector is a set with another root. */
const NO_SET = ['id-of-15-bytes', 'item-twice'];

describe.each(SUITES)('a served set on $name', ({ suite }) => {
  it.each(vectors<ServedVector>('served-set', 'valid'))('with %s has the root that the vector says', (_, vector) => {
    expect(root(suite, vector)).toBe(vector.root);
  });

  it.each(vectors<ServedVector>('served-set', 'invalid').filter(([fact]) => !NO_SET.includes(fact)))(
    'with %s has another root',
    (_, vector) => {
      expect(root(suite, vector)).not.toBe(vector.root);
    },
  );

  it.each(vectors<ServedVector>('served-set', 'invalid').filter(([fact]) => NO_SET.includes(fact)))(
    'with %s is refused',
    (_, vector) => {
      expect(() => root(suite, vector)).toThrow(RangeError);
    },
  );
});
