import { describe, expect, it } from 'vitest';
import { toHex } from '../../src/kernel/base64.ts';
import { fromUtf8, utf8 } from '../../src/kernel/bytes.ts';
import { encodeLeaf, leafHash, parseLeaf } from '../../src/ledger/leaf.ts';
import { hex, refusals, type Shown, SUITES, shownBytes, vectors } from './vectors.ts';

interface LeafVector {
  readonly origin: string;
  readonly suite: string;
  readonly commitments: { readonly header: string; readonly retained: string; readonly personal: string };
  readonly text: string;
  readonly leafHash: string;
}

describe('a leaf', () => {
  it.each(vectors<LeafVector>('leaf', 'valid'))('%s is written and read as the vector says', (_, vector) => {
    const { header, retained, personal } = vector.commitments;
    const commitments = { header: hex(header), retained: hex(retained), personal: hex(personal) };
    const leaf = { origin: vector.origin, suite: vector.suite, commitments };
    expect(fromUtf8(encodeLeaf(leaf))).toBe(vector.text);
    expect(parseLeaf(utf8(vector.text))).toEqual(leaf);
  });

  describe.each(SUITES)('on $name', ({ suite }) => {
    it.each(vectors<LeafVector>('leaf', 'valid'))('%s has the hash that the vector says', (_, vector) => {
      expect(toHex(leafHash(suite, utf8(vector.text)))).toBe(vector.leafHash);
    });
  });

  it('that deviates is refused, each for its own reason', () => {
    expect(refusals<Shown>('leaf', (vector) => parseLeaf(shownBytes(vector)))).toMatchInlineSnapshot(`
      {
        "byte-order-mark": "leaf: not six lines of v1",
        "commitment-of-31-bytes": "leaf commitment: not 32 bytes in standard padded base64",
        "commitment-of-33-bytes": "leaf commitment: not 32 bytes in standard padded base64",
        "crlf": "leaf: not six lines of v1",
        "empty-origin": "leaf origin: not an origin",
        "five-lines": "leaf: not six lines of v1",
        "no-final-line-end": "leaf: not six lines of v1",
        "no-padding": "leaf commitment: not 32 bytes in standard padded base64",
        "not-utf8": "leaf: not UTF-8",
        "origin-not-ascii": "leaf origin: not an origin",
        "origin-of-129": "leaf origin: not an origin",
        "origin-with-plus": "leaf origin: not an origin",
        "origin-with-space": "leaf origin: not an origin",
        "padding-bits-set": "leaf commitment: not 32 bytes in standard padded base64",
        "seven-lines": "leaf: not six lines of v1",
        "space-at-line-end": "leaf commitment: not 32 bytes in standard padded base64",
        "suite-in-capitals": "leaf suite: not a known suite",
        "too-long": "leaf: too long",
        "trailing-line": "leaf: not six lines of v1",
        "unknown-suite": "leaf suite: not a known suite",
        "url-safe-letters": "leaf commitment: not 32 bytes in standard padded base64",
        "version-2": "leaf: not six lines of v1",
      }
    `);
  });
});
