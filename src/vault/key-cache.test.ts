import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keyCache, MAX_AGE_MS } from './key-cache.ts';

describe('the key cache', () => {
  it('keeps nothing for longer than 60 s after it was loaded, however often it is used', () => {
    let now = 0;
    const cache = keyCache<string>(10, () => now);
    cache.set('a', 'A');
    for (now = 0; now < MAX_AGE_MS; now += 1000) expect(cache.get('a')).toBe('A');
    now = MAX_AGE_MS;
    expect(cache.get('a')).toBeUndefined();
    expect(cache.counts()).toEqual({ hits: 60, misses: 1, entries: 0 });
  });

  it('drops what has ended when anything else is asked for', () => {
    let now = 0;
    const cache = keyCache<string>(10, () => now);
    cache.set('a', 'A');
    now = 30_000;
    cache.set('b', 'B');
    now = 60_000;
    expect(cache.get('b')).toBe('B');
    expect(cache.counts().entries).toBe(1);
  });

  it('agrees with a plain list of what was set when, for any use of it', () => {
    const step = fc.oneof(
      fc.record({ do: fc.constant('set' as const), name: fc.constantFrom(...'abcdef'), by: fc.nat(40_000) }),
      fc.record({ do: fc.constant('drop' as const), name: fc.constantFrom(...'abcdef'), by: fc.nat(40_000) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), fc.integer({ min: 1, max: 4 }), (steps, limit) => {
        let now = 0;
        const cache = keyCache<number>(limit, () => now);
        let model: { name: string; value: number; at: number }[] = [];
        for (const [value, { do: what, name, by }] of steps.entries()) {
          now += by;
          model = model.filter((entry) => entry.name !== name && entry.at + MAX_AGE_MS > now);
          if (what === 'set') {
            cache.set(name, value);
            model = [...model, { name, value, at: now }].slice(-limit);
          } else cache.drop(name);
          for (const letter of 'abcdef') {
            expect(cache.get(letter)).toBe(model.find((entry) => entry.name === letter)?.value);
          }
        }
      }),
    );
  });
});
