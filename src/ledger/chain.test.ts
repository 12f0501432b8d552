import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toHex } from '../kernel/base64.ts';
import { ledgerStream, residentStream, toLabel } from '../kernel/id.ts';
import { nodeSuite } from '../suite-node/suite.ts';
import { emptyHead, nextHead } from './chain.ts';

const hash = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes): Uint8Array => bytes);
const stream = residentStream(toLabel(new Uint8Array(32)));
const headOf = (leaves: readonly Uint8Array[]): string =>
  toHex(leaves.reduce<Uint8Array>((head, leaf) => nextHead(nodeSuite, head, leaf), emptyHead(nodeSuite, 'o', stream)));

describe('a chain', () => {
  it('has one head for one list of leaves: none can be dropped, doubled, swapped or changed unseen', () => {
    fc.assert(
      fc.property(fc.array(hash, { minLength: 1, maxLength: 6 }), fc.nat(), fc.nat(), hash, (leaves, a, b, other) => {
        const head = headOf(leaves);
        const [i, j] = [a % leaves.length, b % leaves.length];
        const [atI, atJ] = [leaves[i] as Uint8Array, leaves[j] as Uint8Array];
        const changed = [leaves.toSpliced(i, 1), leaves.toSpliced(i, 0, atI), leaves.slice(0, i), [...leaves, other]];
        if (toHex(atI) !== toHex(atJ)) changed.push(leaves.with(i, atJ).with(j, atI));
        if (toHex(atI) !== toHex(other)) changed.push(leaves.with(i, other));
        for (const list of changed) expect(headOf(list)).not.toBe(head);
      }),
    );
  });

  it('begins elsewhere for every origin and stream', () => {
    const heads = ['a', 'ab'].flatMap((origin) =>
      [stream, ledgerStream('a'), ledgerStream('b')].map((name) => toHex(emptyHead(nodeSuite, origin, name))),
    );
    expect(new Set(heads).size).toBe(heads.length);
  });
});
