import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Malformed } from '../kernel/fault.ts';
import { type EventId, residentStream, type StreamName, toEventId, toLabel } from '../kernel/id.ts';
import { fromEpochMs, type Instant } from '../kernel/instant.ts';
import { encodeHeader, type Header, MAX_REVISION, parseHeader } from './header.ts';

const exactly = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const header: fc.Arbitrary<Header> = fc.record({
  id: exactly(16).map(toEventId),
  prev: exactly(32).map((bytes) => Uint8Array.from(bytes)),
  revision: fc.bigInt({ min: 0n, max: MAX_REVISION }),
  stream: exactly(32).map((bytes) => residentStream(toLabel(bytes))),
  time: fc.integer({ min: 0, max: 4_102_444_800_000 }).map(fromEpochMs),
  type: fc.stringMatching(/^[a-z]{1,9}\.[a-z]{1,9}(-[a-z]{1,9})?@[1-9]$/),
});

describe('a header', () => {
  it('is read back as it was written, at most 1 KB', () => {
    fc.assert(
      fc.property(header, (given) => {
        const bytes = encodeHeader(given);
        expect(bytes.length).toBeLessThanOrEqual(1024);
        expect(parseHeader(bytes)).toEqual(given);
      }),
    );
  });

  it('with any byte changed is refused or is another header', () => {
    fc.assert(
      fc.property(header, fc.nat(), fc.integer({ min: 1, max: 255 }), (given, at, by) => {
        const bytes = encodeHeader(given);
        bytes[at % bytes.length] = (bytes[at % bytes.length] ?? 0) ^ by;
        try {
          expect(parseHeader(bytes)).not.toEqual(given);
          expect(encodeHeader(parseHeader(bytes))).toEqual(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(Malformed);
        }
      }),
    );
  });

  it('that could not be read back is not written', () => {
    const [good] = fc.sample(header, 1) as [Header];
    for (const wrong of [
      { prev: good.prev.slice(1) },
      { revision: -1n },
      { revision: MAX_REVISION + 1n },
      { id: 'x' as EventId },
      { stream: 'visitor/1' as StreamName },
      { time: '2026-11-22T03:04:05Z' as Instant },
      { type: 'consent.granted' },
      { type: `consent.${'a'.repeat(1000)}@1` },
    ]) {
      expect(() => encodeHeader({ ...good, ...wrong })).toThrow(Malformed);
    }
  });
});
