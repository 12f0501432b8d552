import { describe, expect, it } from 'vitest';
import { toHex } from '../../src/kernel/base64.ts';
import { utf8 } from '../../src/kernel/bytes.ts';
import type { EventId } from '../../src/kernel/id.ts';
import type { Suite } from '../../src/kernel/suite.ts';
import { type Compartment, commit } from '../../src/ledger/commitment.ts';
import { hex, SUITES, vectors } from './vectors.ts';

interface CommitmentVector {
  readonly origin: string;
  readonly kind: Compartment;
  readonly type: string;
  readonly id: EventId;
  readonly opening: string;
  readonly text: string;
  readonly commitment: string;
}

const computed = (suite: Suite, vector: CommitmentVector): string =>
  toHex(commit(suite, { ...vector, opening: hex(vector.opening), bytes: utf8(vector.text) }));

describe.each(SUITES)('a commitment on $name', ({ suite }) => {
  it.each(vectors<CommitmentVector>('commitment', 'valid'))('%s is what the vector says', (_, vector) => {
    expect(computed(suite, vector)).toBe(vector.commitment);
  });

  it.each(vectors<CommitmentVector>('commitment', 'invalid'))('is no commitment to %s', (_, vector) => {
    expect(computed(suite, vector)).not.toBe(vector.commitment);
  });

  it('takes an opening of 32 bytes only', () => {
    const [, vector] = vectors<CommitmentVector>('commitment', 'valid')[0] ?? [];
    expect(() =>
      commit(suite, { ...(vector as CommitmentVector), opening: new Uint8Array(31), bytes: utf8('{}') }),
    ).toThrow(RangeError);
  });
});
