import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Malformed } from './fault.ts';
import {
  eventIdBytes,
  id16Bytes,
  institutionStream,
  isEventId,
  isId16,
  isLabel,
  isStreamName,
  kindOf,
  ledgerStream,
  parseId16,
  parseStreamName,
  practitionerStream,
  residentStream,
  subjectOf,
  toEventId,
  toId16,
  toLabel,
} from './id.ts';

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });

describe('an event id', () => {
  it('keeps 122 of the 128 bits, with version nibble 8 and variant 10', () => {
    fc.assert(
      fc.property(bytes(16), (given) => {
        const id = toEventId(given);
        expect(isEventId(id)).toBe(true);
        expect(id).toMatch(/^.{14}8.{4}[89ab]/);
        const kept = given.map((byte, i) => (i === 6 ? (byte & 0x0f) | 0x80 : i === 8 ? (byte & 0x3f) | 0x80 : byte));
        expect(eventIdBytes(id)).toEqual(kept);
        expect(toEventId(kept)).toBe(id);
      }),
    );
  });

  it('takes the first 16 bytes of a digest, and no fewer', () => {
    const digest = Uint8Array.from({ length: 32 }, (_, i) => i);
    expect(toEventId(digest)).toBe('00010203-0405-8607-8809-0a0b0c0d0e0f');
    expect(() => toEventId(digest.subarray(0, 15))).toThrow(RangeError);
  });

  it('is a lower-case UUID', () => {
    for (const text of [
      '',
      '41FFED4C-7E8F-82E7-BF3F-DE04A874AD21',
      '41ffed4c7e8f82e7bf3fde04a874ad21',
      '{41ffed4c-7e8f-82e7-bf3f-de04a874ad21}',
      '41ffed4c-7e8f-82e7-bf3f-de04a874ad21\n',
      '41ffed4c-7e8f-82e7-bf3f-de04a874ad2g',
    ]) {
      expect(isEventId(text)).toBe(false);
    }
  });
});

describe('ids and labels', () => {
  it('are 16 and 32 bytes in base64url, and nothing else', () => {
    fc.assert(
      fc.property(bytes(16), bytes(32), (id, label) => {
        expect(id16Bytes(toId16(id))).toEqual(id);
        expect(isId16(toId16(id))).toBe(true);
        expect(isLabel(toLabel(label))).toBe(true);
        expect(isId16(toLabel(label))).toBe(false);
        expect(isLabel(toId16(id))).toBe(false);
      }),
    );
    for (const text of [
      '',
      'A'.repeat(21),
      'A'.repeat(23),
      `${'A'.repeat(21)}B`,
      `${'A'.repeat(21)}=`,
      `${'A'.repeat(20)}+A`,
    ]) {
      expect(() => parseId16(text)).toThrow(Malformed);
    }
    expect(isLabel(`${'A'.repeat(42)}B`)).toBe(false);
    for (const length of [0, 15, 17, 31, 33]) {
      expect(() => toId16(new Uint8Array(length))).toThrow(RangeError);
      expect(() => toLabel(new Uint8Array(length))).toThrow(RangeError);
    }
  });
});

describe('a stream name', () => {
  it('says of what kind its subject is and who it is', () => {
    fc.assert(
      fc.property(bytes(16), bytes(32), fc.stringMatching(/^[0-9A-Za-z-]{1,32}$/), (id, label, region) => {
        for (const [stream, kind, subject] of [
          [residentStream(toLabel(label)), 'resident', toLabel(label)],
          [institutionStream(toId16(id)), 'institution', toId16(id)],
          [practitionerStream(toId16(id)), 'practitioner', toId16(id)],
          [ledgerStream(region), 'ledger', region],
        ] as const) {
          expect(parseStreamName(stream)).toBe(stream);
          expect(kindOf(stream)).toBe(kind);
          expect(subjectOf(stream)).toBe(subject);
        }
      }),
    );
  });

  it('of another kind, or with another subject than its kind has, is none', () => {
    const id = toId16(new Uint8Array(16));
    const label = toLabel(new Uint8Array(32));
    for (const text of [
      '',
      '/',
      label,
      'resident',
      'resident/',
      `resident/${id}`,
      `institution/${label}`,
      `practitioner/${label}`,
      `Resident/${label}`,
      `visitor/${id}`,
      `resident/${label}/`,
      `resident//${label}`,
      ` resident/${label}`,
      'ledger/',
      'ledger/a/b',
      'ledger/北京',
      `ledger/${'1'.repeat(33)}`,
      '__proto__/a',
    ]) {
      expect(isStreamName(text)).toBe(false);
      expect(() => parseStreamName(text)).toThrow(Malformed);
    }
    expect(isStreamName(`exchange/${id}`)).toBe(true);
    expect(() => ledgerStream('a/b')).toThrow(Malformed);
  });
});
