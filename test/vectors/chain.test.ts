import { describe, expect, it } from 'vitest';
import { toHex } from '../../src/kernel/base64.ts';
import type { StreamName } from '../../src/kernel/id.ts';
import type { Suite } from '../../src/kernel/suite.ts';
import { emptyHead, nextHead } from '../../src/ledger/chain.ts';
import { hex, SUITES, vectors } from './vectors.ts';

interface ChainVector {
  readonly origin: string;
  readonly stream: StreamName;
  readonly leafHashes: readonly string[];
  /** The empty head, then the head after each leaf. */
  readonly heads: readonly string[];
}

function heads(suite: Suite, vector: ChainVector): string[] {
  let head = emptyHead(suite, vector.origin, vector.stream);
  const all = [toHex(head)];
  for (const leaf of vector.leafHashes) {
    head = nextHead(suite, head, hex(leaf));
    all.push(toHex(head));
  }
  return all;
}

describe.each(SUITES)('a chain on $name', ({ suite }) => {
  it.each(vectors<ChainVector>('chain', 'valid'))('%s has the heads that the vector says', (_, vector) => {
    expect(heads(suite, vector)).toEqual(vector.heads);
  });

  it.each(vectors<ChainVector>('chain', 'invalid'))('with %s ends in another head', (_, vector) => {
    const computed = heads(suite, vector);
    expect(computed).toHaveLength(vector.heads.length);
    expect(computed.at(-1)).not.toBe(vector.heads.at(-1));
  });
});
