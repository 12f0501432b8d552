import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededEntropy } from '../../test/support/seeded.ts';
import { flipped } from '../../test/support/vaults.ts';
import { parseBase64Url, toBase64Url, toHex } from '../kernel/base64.ts';
import { fromUtf8 } from '../kernel/bytes.ts';
import { nodeSuite } from '../suite-node/suite.ts';
import { sealedTokens } from './tokens.ts';

const tokens = sealedTokens(nodeSuite, seededEntropy('cursor').bytes(32));
const binding = ['actor-1', 'records', '{"first":10}'];
const payload = { page: 2, key: ['2026-01-01', 'record-7'] };
const token = tokens.seal('cursor', binding, payload);
const bytes = parseBase64Url(token) ?? new Uint8Array();

describe('a sealed token', () => {
  it('opens for exactly the kind and binding that it was sealed for', () => {
    expect(tokens.open('cursor', binding, token)).toEqual(payload);
    expect(tokens.open('record', binding, token)).toBeUndefined();
    for (const other of [
      [],
      binding.slice(0, 2),
      [...binding, ''],
      ['actor-1records', '', '{"first":10}'],
      [binding[1] ?? '', binding[0] ?? '', binding[2] ?? ''],
      ['actor-2', 'records', '{"first":10}'],
    ]) {
      expect(tokens.open('cursor', other, token)).toBeUndefined();
    }
    expect(sealedTokens(nodeSuite, seededEntropy('other').bytes(32)).open('cursor', binding, token)).toBeUndefined();
  });

  it('with any bit changed, cut, or made up, opens nothing and throws nothing', () => {
    for (let at = 0; at < bytes.length; at++) {
      expect(tokens.open('cursor', binding, toBase64Url(flipped(bytes, at)))).toBeUndefined();
    }
    for (let end = 0; end < token.length; end++) {
      expect(tokens.open('cursor', binding, token.slice(0, end))).toBeUndefined();
    }
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.base64String()), (text) => {
        expect(tokens.open('cursor', binding, text)).toBeUndefined();
      }),
    );
    expect(tokens.open('cursor', binding, 'A'.repeat(5000))).toBeUndefined();
  });

  it('is one text for one payload, and tells nothing of it but its length in blocks', () => {
    const value = fc.string({ unit: 'grapheme', maxLength: 60 }).filter((text) => text.isWellFormed());
    fc.assert(
      fc.property(value, value, (a, b) => {
        const [one, again, other] = [{ k: a }, { k: a }, { k: b }].map((p) => tokens.seal('cursor', binding, p));
        expect(one).toBe(again);
        expect(one === other).toBe(a === b);
        expect(tokens.open('cursor', binding, one ?? '')).toEqual({ k: a });
      }),
    );
    expect(tokens.seal('cursor', binding, { page: 1 })).toHaveLength(
      tokens.seal('cursor', binding, { page: 99 }).length,
    );
    expect((bytes.length - 28) % 32).toBe(0);
    expect(toHex(bytes)).not.toContain(toHex(new TextEncoder().encode('record-7')));
    expect(() => fromUtf8(bytes)).toThrow();
  });

  it('carries no more than fits a URL', () => {
    expect(() => tokens.seal('cursor', binding, { k: 'x'.repeat(2048) })).toThrow(RangeError);
    const largest = { k: 'x'.repeat(2040) };
    expect(tokens.open('cursor', binding, tokens.seal('cursor', binding, largest))).toEqual(largest);
  });
});
