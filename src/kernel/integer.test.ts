import fc from 'fast-check';
import { expect, it } from 'vitest';
import { toJsonInteger } from './integer.ts';

it('an integer of at most 53 bits keeps its value; a longer one throws and is never rounded', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }), (value) => {
      const fits = value <= 2n ** 53n - 1n && value >= -(2n ** 53n - 1n);
      if (fits) expect(BigInt(toJsonInteger(value))).toBe(value);
      else expect(() => toJsonInteger(value)).toThrow(RangeError);
    }),
    { examples: [[2n ** 53n - 1n], [2n ** 53n], [2n ** 53n + 1n], [-(2n ** 53n)]] },
  );
});
