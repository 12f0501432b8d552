import fc from 'fast-check';
import { expect, it } from 'vitest';
import { toId16 } from '../../kernel/id.ts';
import { type Directory, enter, lookUp } from './directory.ts';

const ids = fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => toId16(bytes));

it('a directory answers like a map', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(ids, fc.nat())), ids, (entries, other) => {
      const directory = entries.reduce<Directory<number>>((now, [key, value]) => enter(now, key, value), {});
      const map = new Map<string, number>(entries);
      for (const key of [other, ...map.keys()]) expect(lookUp(directory, key)).toBe(map.get(key));
    }),
  );
});

it('putting an entry copies the bucket that it lies in and no other, and leaves the old directory as it was', () => {
  const before = enter(enter({}, 'Aa', 1), 'Ba', 2);
  const after = enter(before, 'Ab', 3);
  expect(after.B).toBe(before.B);
  expect(lookUp(before, 'Ab')).toBeUndefined();
  expect(after).toEqual({ A: { Aa: 1, Ab: 3 }, B: { Ba: 2 } });
});
