import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { utf8 } from '../kernel/bytes.ts';
import { countingTail } from './counting-tail.ts';
import type { Ledger, Position, RecordedEvent } from './port.ts';

const leafOf = (n: number) => utf8(`leaf ${n}`);
const at = (n: number) => `${n}` as Position;

/** A ledger of so many events, as far as a tail looks. */
function growing() {
  let size = 0;
  let read = 0;
  const readAll: Ledger['readAll'] = async function* (after) {
    for (let n = after === undefined ? 1 : Number(after) + 1; n <= size; n++) {
      read += 1;
      yield { position: at(n), leafHash: leafOf(n) } as RecordedEvent;
    }
  };
  return { readAll, grow: (by: number) => (size += by), read: () => read };
}

describe('a counted tail', () => {
  it('says of every size what the events say, whatever was asked before and however the ledger grew', async () => {
    const step = fc.record({ by: fc.nat(4), wanted: fc.nat(12) });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 8 }), async (steps) => {
        const ledger = growing();
        const tail = countingTail(ledger);
        for (const { by, wanted } of steps) {
          const size = ledger.grow(by);
          expect(await tail.look(BigInt(wanted))).toEqual({
            last: size === 0 ? undefined : { size: BigInt(size), leaf: leafOf(size) },
            at: wanted >= 1 && wanted <= size ? leafOf(wanted) : undefined,
          });
        }
      }),
    );
  });

  it('reads each event once, when it is asked for what it said last, also by many at once', async () => {
    const ledger = growing();
    const tail = countingTail(ledger);
    ledger.grow(5);
    await Promise.all([tail.look(0n), tail.look(5n), tail.look(5n)]);
    ledger.grow(2);
    await tail.look(5n);
    await tail.look(0n);
    expect(ledger.read()).toBe(7);
  });

  it('goes on after a read that failed', async () => {
    const ledger = growing();
    ledger.grow(3);
    let away = true;
    const tail = countingTail({
      readAll: (after) => {
        if (away) throw new Error('away');
        return ledger.readAll(after);
      },
    });
    await expect(tail.look(1n)).rejects.toThrow('away');
    away = false;
    expect(await tail.look(2n)).toEqual({ last: { size: 3n, leaf: leafOf(3) }, at: leafOf(2) });
  });
});
