import { describe, expect, it } from 'vitest';
import { canonicalBytes, parseCanonical } from '../../src/kernel/canonical.ts';
import { refusals, type Shown, shownBytes, vectors } from './vectors.ts';

describe('canonical bytes', () => {
  it.each(vectors<Shown>('canonical', 'valid'))('%s is read and printed again as it was', (_, vector) => {
    const bytes = shownBytes(vector);
    expect(canonicalBytes(parseCanonical(bytes))).toEqual(bytes);
  });

  it('have one spelling: every other is refused, each for its own reason', () => {
    expect(refusals<Shown>('canonical', (vector) => parseCanonical(shownBytes(vector)))).toMatchInlineSnapshot(`
      {
        "beyond-53-bits": "value: not an integer of at most 53 bits",
        "beyond-a-double": "value: not an integer of at most 53 bits",
        "byte-order-mark": "value: not JSON",
        "duplicate-key": "value: not in canonical form",
        "empty": "value: not JSON",
        "escape-in-upper-case": "value: not in canonical form",
        "escaped-slash": "value: not in canonical form",
        "exponent": "value: not in canonical form",
        "fraction": "value: not an integer of at most 53 bits",
        "fraction-of-zero": "value: not in canonical form",
        "keys-in-code-point-order": "value: not in canonical form",
        "keys-out-of-order": "value: not in canonical form",
        "leading-zero": "value: not JSON",
        "lone-surrogate-escaped": "value: text holds a lone surrogate",
        "lone-surrogate-in-key": "value: a key holds a lone surrogate",
        "minus-zero": "value: not an integer of at most 53 bits",
        "needless-escape": "value: not in canonical form",
        "null": "value.a: neither text, integer, list nor object",
        "overlong-utf8": "value: not UTF-8",
        "raw-control": "value: not JSON",
        "seventeen-deep": "value[0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0]: nested too deeply",
        "surrogate-in-utf8": "value: not UTF-8",
        "trailing-bytes": "value: not JSON",
        "trailing-line": "value: not in canonical form",
        "true": "value: neither text, integer, list nor object",
        "truncated-utf8": "value: not UTF-8",
        "two-thousand-deep": "value: nested too deeply",
        "white-space": "value: not in canonical form",
      }
    `);
  });
});
