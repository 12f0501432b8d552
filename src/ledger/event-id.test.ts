import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toHex } from '../kernel/base64.ts';
import { isEventId } from '../kernel/id.ts';
import { nodeSuite } from '../suite-node/suite.ts';
import { type CommandKey, commandEventId, intentOf } from './event-id.ts';

const requestKey = new Uint8Array(32).fill(7);
const text = fc.string({ maxLength: 8 });
const key: fc.Arbitrary<CommandKey> = fc.record({ issuer: text, subject: text, operation: text, requestId: text });
const ordinal = fc.nat(1023);

describe("a command's event id", () => {
  it('is the same when the command is sent again, and another for any other command or ordinal', () => {
    fc.assert(
      fc.property(key, key, ordinal, ordinal, (a, b, i, j) => {
        const id = commandEventId(nodeSuite, requestKey, a, i);
        expect(isEventId(id)).toBe(true);
        const same = i === j && JSON.stringify(a) === JSON.stringify(b);
        expect(commandEventId(nodeSuite, requestKey, b, j) === id).toBe(same);
        expect(commandEventId(nodeSuite, requestKey, { ...a }, i)).toBe(id);
      }),
    );
  });

  it('does not change hands when letters move from one part to the next', () => {
    fc.assert(
      fc.property(key, fc.stringMatching(/^[a-z]{1,3}$/), ordinal, (a, letters, i) => {
        const left = { ...a, subject: a.subject + letters };
        const right = { ...a, operation: letters + a.operation };
        expect(commandEventId(nodeSuite, requestKey, left, i)).not.toBe(
          commandEventId(nodeSuite, requestKey, right, i),
        );
      }),
    );
  });

  it('belongs to the keyring: another key gives others', () => {
    fc.assert(
      fc.property(key, ordinal, (a, i) => {
        const other = requestKey.with(0, 8);
        expect(commandEventId(nodeSuite, other, a, i)).not.toBe(commandEventId(nodeSuite, requestKey, a, i));
      }),
    );
  });
});

describe('an intent', () => {
  const input = fc.dictionary(text, fc.oneof(text, fc.integer()), { maxKeys: 4, noNullPrototype: true });

  it('is that of the input, however its keys were ordered, and of no other input or id', () => {
    fc.assert(
      fc.property(key, input, input, (a, given, other) => {
        const [first, second] = [0, 1].map((i) => commandEventId(nodeSuite, requestKey, a, i)) as [never, never];
        const intent = toHex(intentOf(nodeSuite, requestKey, first, given));
        const reordered = Object.fromEntries(Object.entries(given).reverse());
        expect(toHex(intentOf(nodeSuite, requestKey, first, reordered))).toBe(intent);
        expect(toHex(intentOf(nodeSuite, requestKey, second, given))).not.toBe(intent);
        expect(toHex(intentOf(nodeSuite, requestKey, first, { ...given, '\u0001': 1 }))).not.toBe(intent);
        const same = JSON.stringify(Object.entries(given).sort()) === JSON.stringify(Object.entries(other).sort());
        expect(toHex(intentOf(nodeSuite, requestKey, first, other)) === intent).toBe(same);
      }),
    );
  });
});
