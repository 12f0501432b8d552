import { describe, expect, it } from 'vitest';
import { toHex } from '../../src/kernel/base64.ts';
import { merkleRoot } from '../../src/ledger/merkle-root.ts';
import { hex, SUITES, vectors } from './vectors.ts';

interface TreeVector {
  readonly leaves: readonly string[];
  readonly root: string;
}

describe.each(SUITES)('a Merkle root on $name', ({ suite }) => {
  it.each(vectors<TreeVector>('merkle', 'valid'))('of %s is that of RFC 6962', (_, vector) => {
    expect(toHex(merkleRoot(suite, vector.leaves.map(hex)))).toBe(vector.root);
  });

  it.each(vectors<TreeVector>('merkle', 'invalid'))('is not made with %s', (_, vector) => {
    expect(toHex(merkleRoot(suite, vector.leaves.map(hex)))).not.toBe(vector.root);
  });
});
