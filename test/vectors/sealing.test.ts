import { describe, expect, it } from 'vitest';
import { toHex } from '../../src/kernel/base64.ts';
import { utf8 } from '../../src/kernel/bytes.ts';
import type { EventId } from '../../src/kernel/id.ts';
import type { Suite } from '../../src/kernel/suite.ts';
import type { Compartment } from '../../src/ledger/commitment.ts';
import { openPart, sealPart } from '../../src/ledger/sealing.ts';
import { hex, refusals, SUITES, vectors } from './vectors.ts';

interface SealedVector {
  readonly key: string;
  readonly keyId: string;
  readonly kind: Compartment;
  readonly id: EventId;
  readonly origin: string;
  readonly type: string;
  readonly commitment: string;
  readonly sealed: string;
}
interface OpenVector extends SealedVector {
  readonly nonce: string;
  readonly opening: string;
  readonly text: string;
}

const open = (suite: Suite, vector: SealedVector) =>
  openPart(suite, hex(vector.key), { ...vector, commitment: hex(vector.commitment) }, hex(vector.sealed));

describe.each(SUITES)('a sealed part on $name', ({ suite }) => {
  it.each(vectors<OpenVector>('sealing', 'valid'))('%s is sealed and opened as the vector says', (_, vector) => {
    const part = { opening: hex(vector.opening), bytes: utf8(vector.text) };
    const context = { ...vector, commitment: hex(vector.commitment) };
    expect(toHex(sealPart(suite, hex(vector.key), hex(vector.nonce), context, part))).toBe(vector.sealed);
    expect(open(suite, vector)).toEqual(part);
  });

  it('that deviates is not opened, each for its own reason', () => {
    expect(refusals<SealedVector>('sealing', (vector) => open(suite, vector))).toMatchInlineSnapshot(`
      {
        "bytes-of-other-commitment": "sealed personal: commitment does not fit",
        "ciphertext-bit-flipped": "sealed personal: tag does not fit",
        "commitment-of-other-key": "sealed personal: commitment does not fit",
        "empty": "sealed personal: shorter than nonce and tag",
        "last-byte-cut": "sealed personal: tag does not fit",
        "length-beyond-committed-bytes": "sealed personal: length does not fit",
        "length-beyond-the-end": "sealed personal: commitment does not fit",
        "length-one-less": "sealed personal: commitment does not fit",
        "no-padding": "sealed personal: length does not fit",
        "nonce-alone": "sealed personal: shorter than nonce and tag",
        "nonce-bit-flipped": "sealed personal: tag does not fit",
        "one-block-of-padding-too-many": "sealed personal: length does not fit",
        "opening-of-other-commitment": "sealed personal: commitment does not fit",
        "other-event-id": "sealed personal: tag does not fit",
        "other-key": "sealed personal: tag does not fit",
        "other-key-id": "sealed personal: tag does not fit",
        "other-kind": "sealed retained: tag does not fit",
        "other-origin": "sealed personal: commitment does not fit",
        "other-type": "sealed personal: commitment does not fit",
        "padding-not-zero": "sealed personal: padding is not zero",
        "shorter-than-its-frame": "sealed personal: too short",
        "tag-bit-flipped": "sealed personal: tag does not fit",
        "zero-byte-behind": "sealed personal: tag does not fit",
      }
    `);
  });
});
