import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import type { Bytes } from '../../kernel/bytes.ts';
import type { LedgerEnd, LedgerTail } from '../../ledger/tail.ts';
import { compareSeen, parseSeen, printSeen } from './seen.ts';

const bytes = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((array) => new Uint8Array(array));
const seen = fc.record({
  origin: fc.stringMatching(/^[!-*,-~]{1,128}$/),
  size: fc.bigInt({ min: 1n, max: 10n ** 19n - 1n }),
  leaf: bytes,
});

describe('what was seen', () => {
  test.prop([seen])('is read as it was written', (one) => {
    expect(parseSeen(printSeen(one))).toEqual(one);
  });

  const good = printSeen({ origin: 'health.example/110000', size: 7n, leaf: new Uint8Array(32) });
  it.each([
    ['is empty', ''],
    ['is of another version', good.replace('v1', 'v2')],
    ['has no final line end', good.slice(0, -1)],
    ['has a line more', `${good}x\n`],
    ['has an empty line more', `${good}\n`],
    ['has an origin with a space', good.replace('health', 'hea lth')],
    ['has seen nothing', good.replace('\n7\n', '\n0\n')],
    ['spells its size otherwise', good.replace('\n7\n', '\n07\n')],
    ['has a shorter leaf hash', good.replace('AAAA', '')],
    ['ends its lines otherwise', good.replaceAll('\n', '\r\n')],
  ])('is refused when it %s', (_why, text) => {
    expect(() => parseSeen(text)).toThrow('seen');
  });
});

/** A ledger whose n-th leaf hash is these bytes. */
const tailOf = (leaves: readonly Bytes[]): LedgerTail => ({
  look: async (size) => {
    const last = leaves.at(-1);
    return {
      last: last && { size: BigInt(leaves.length), leaf: last },
      at: leaves[Number.parseInt(`${size - 1n}`, 10)],
    };
  },
});
const leaf = (n: number): Bytes => new Uint8Array(32).fill(n);
const end = (n: number): LedgerEnd => ({ size: BigInt(n), leaf: leaf(n) });

describe('a ledger against what was seen of it', () => {
  it('has it, as long as it has only grown', async () => {
    const grown = [1, 2, 3, 4].map(leaf);
    for (const n of [1, 2, 3, 4]) {
      expect(await compareSeen(tailOf(grown), end(n))).toEqual({ kind: 'there', found: end(4) });
    }
  });

  it('is older when it ends before', async () => {
    expect(await compareSeen(tailOf([1, 2].map(leaf)), end(3))).toEqual({ kind: 'older', found: end(2) });
    expect(await compareSeen(tailOf([]), end(1))).toEqual({ kind: 'older', found: undefined });
  });

  it('is another one when something else stands there, however long it is', async () => {
    expect(await compareSeen(tailOf([1, 9, 4].map(leaf)), end(2))).toMatchObject({ kind: 'other' });
    expect(await compareSeen(tailOf([1, 9].map(leaf)), end(2))).toMatchObject({ kind: 'other' });
  });
});
