import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toHex } from '../../kernel/base64.ts';
import { Malformed } from '../../kernel/fault.ts';
import { encodeFrame, type Frame, parseFrame } from './frame.ts';

const bytes = (minLength: number, maxLength: number) =>
  fc.uint8Array({ minLength, maxLength }).map((given) => new Uint8Array(given));
const keyId = fc.stringMatching(/^[!-~]{1,40}$/);
const frames: fc.Arbitrary<Frame> = fc.record({
  beside: fc.bigInt({ min: -1n, max: 2n ** 28n - 1n }),
  header: bytes(1, 1024),
  headerOpening: bytes(32, 32),
  sealed: fc.record({
    retained: fc.record({ keyId, bytes: bytes(0, 300) }),
    personal: fc.record({ keyId, bytes: bytes(0, 300) }),
  }),
});

const SMALL: Frame = {
  beside: 2n,
  header: Uint8Array.of(0x7b, 0x7d),
  headerOpening: new Uint8Array(32).fill(0xaa),
  sealed: {
    retained: { keyId: 'r', bytes: Uint8Array.of(1, 2, 3) },
    personal: { keyId: 'pp', bytes: new Uint8Array(0) },
  },
};

describe('the frame of an event', () => {
  it('is what docs/spec/eventstore-frame.md says', () => {
    const opening = 'aa'.repeat(32);
    expect(toHex(encodeFrame(SMALL))).toBe(
      `0100000003${opening}00027b7d00017200027070${'00000003010203'}${'00000000'}`,
    );
    expect(toHex(encodeFrame({ ...SMALL, beside: -1n })).slice(0, 10)).toBe('0100000000');
  });

  it('is read back as it was written', () => {
    fc.assert(
      fc.property(frames, (frame) => {
        expect(parseFrame(encodeFrame(frame))).toEqual(frame);
      }),
    );
  });

  it('is read from bytes of which a reader may do as it likes', () => {
    const given = encodeFrame(SMALL);
    const read = parseFrame(given);
    given.fill(0);
    expect(read).toEqual(SMALL);
  });

  it('is nothing that the client would take for JSON', () => {
    fc.assert(
      fc.property(frames, (frame) => {
        expect(() => JSON.parse(Buffer.from(encodeFrame(frame)).toString('utf8'))).toThrow(SyntaxError);
      }),
    );
  });

  it('cut short or longer is malformed, at every length', () => {
    const whole = encodeFrame(SMALL);
    for (let length = 0; length < whole.length; length++)
      expect(() => parseFrame(whole.subarray(0, length)), `${length}`).toThrow(Malformed);
    expect(() => parseFrame(Uint8Array.of(...whole, 0))).toThrow(Malformed);
  });

  it.each([
    ['another format', 0, 2],
    ['a revision beyond the last', 1, 0x20],
    ['a header of no bytes', 38, 0],
    ['a header that is too long', 37, 0xff],
    ['a key id with a blank', 43, 0x20],
    ['a part longer than what is there', 51, 9],
  ])('of %s is malformed', (_what, at, value) => {
    const frame = encodeFrame(SMALL);
    expect(frame[at]).not.toBe(value);
    frame[at] = value;
    expect(() => parseFrame(frame)).toThrow(Malformed);
  });

  it('is read in one way only: what is read is written again byte for byte', () => {
    const mutated = fc.tuple(frames, fc.nat(), fc.nat(255)).map(([frame, at, value]) => {
      const made = encodeFrame(frame);
      made[at % made.length] = value;
      return made;
    });
    fc.assert(
      fc.property(mutated, (made) => {
        let read: Frame;
        try {
          read = parseFrame(made);
        } catch (error) {
          expect(error).toBeInstanceOf(Malformed);
          return;
        }
        expect(toHex(encodeFrame(read))).toBe(toHex(made));
      }),
    );
  });
});
