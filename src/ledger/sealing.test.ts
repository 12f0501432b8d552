import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concat } from '../kernel/bytes.ts';
import { Malformed } from '../kernel/fault.ts';
import { toEventId } from '../kernel/id.ts';
import { nodeSuite } from '../suite-node/suite.ts';
import { type Compartment, commit } from './commitment.ts';
import { openPart, sealPart } from './sealing.ts';

const exactly = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const part = fc.record({
  key: exactly(32),
  nonce: exactly(12),
  opening: exactly(32),
  bytes: fc.uint8Array({ maxLength: 300 }),
  id: exactly(16).map(toEventId),
  kind: fc.constantFrom<Compartment>('retained', 'personal'),
  origin: fc.constantFrom<string>('health.example/1', 'health.example/2'),
  type: fc.constantFrom<string>('consent.granted@1', 'consent.denied@1'),
  keyId: fc.constantFrom<string>('s#personal#-#0', 's#personal#-#1'),
});
type Part = typeof part extends fc.Arbitrary<infer T> ? T : never;

function sealed(given: Part) {
  const commitment = commit(nodeSuite, given);
  const context = { ...given, commitment };
  return { context, bytes: sealPart(nodeSuite, given.key, given.nonce, context, given) };
}

describe('a sealed part', () => {
  it('opens to the opening and bytes that went in', () => {
    fc.assert(
      fc.property(part, (given) => {
        const { context, bytes } = sealed(given);
        expect(openPart(nodeSuite, given.key, context, bytes)).toEqual({ opening: given.opening, bytes: given.bytes });
      }),
    );
  });

  it('tells the length of what it holds in steps of 64 bytes only', () => {
    fc.assert(
      fc.property(part, (given) => {
        const blocks = Math.ceil((given.bytes.length + 36) / 64);
        expect(sealed(given).bytes).toHaveLength(12 + 64 * blocks + 16);
      }),
    );
  });

  it('with any byte changed, cut off or added is not opened', () => {
    fc.assert(
      fc.property(part, fc.nat(), fc.integer({ min: 1, max: 255 }), (given, at, by) => {
        const { context, bytes } = sealed(given);
        const i = at % bytes.length;
        const flipped = bytes.slice();
        flipped[i] = (flipped[i] ?? 0) ^ by;
        for (const other of [flipped, bytes.subarray(0, i), concat(bytes, Uint8Array.of(by))]) {
          expect(() => openPart(nodeSuite, given.key, context, other)).toThrow(Malformed);
        }
      }),
    );
  });

  it('moved to another event, compartment, type, origin, key id or commitment is not opened', () => {
    const moves = fc.constantFrom<(given: Part) => Partial<Part>>(
      (given) => ({ id: toEventId(concat(Uint8Array.of(1), nodeSuite.hash(Buffer.from(given.id)))) }),
      (given) => ({ kind: given.kind === 'personal' ? 'retained' : 'personal' }),
      (given) => ({ type: `${given.type}0` }),
      (given) => ({ origin: `${given.origin}0` }),
      (given) => ({ keyId: `${given.keyId}0` }),
    );
    fc.assert(
      fc.property(part, moves, (given, move) => {
        const { context, bytes } = sealed(given);
        expect(() => openPart(nodeSuite, given.key, { ...context, ...move(given) }, bytes)).toThrow(Malformed);
        const other = sealed({ ...given, ...move(given) });
        if (move(given).keyId === undefined) expect(other.context.commitment).not.toEqual(context.commitment);
        expect(() => openPart(nodeSuite, given.key, other.context, bytes)).toThrow(Malformed);
      }),
    );
  });

  it('is not opened with a key of another length: a bug, which is not called a forgery', () => {
    const [given] = fc.sample(part, 1) as [Part];
    const { context, bytes } = sealed(given);
    expect(() => openPart(nodeSuite, given.key.subarray(1), context, bytes)).toThrow(RangeError);
    expect(() => sealPart(nodeSuite, given.key, given.nonce.subarray(1), context, given)).toThrow(RangeError);
  });
});
