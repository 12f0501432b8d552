import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { turns } from './turns.ts';

describe('turns', () => {
  it('those who share a name run one after the other, as they came; nobody else waits', async () => {
    const work = fc.record({
      names: fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'), { maxLength: 3 }),
      fails: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.array(work, { maxLength: 12 }), async (scheduler, works) => {
        const inTurn = turns();
        const running = new Set<number>();
        const begun: number[] = [];
        const shares = (a: number, b: number) =>
          works[a]?.names.some((name) => works[b]?.names.includes(name)) === true;
        const all = works.map(({ names, fails }, n) =>
          inTurn(names, async () => {
            for (const other of running) expect(shares(n, other)).toBe(false);
            for (const other of begun) expect(other > n && shares(n, other)).toBe(false);
            running.add(n);
            begun.push(n);
            await scheduler.schedule(Promise.resolve());
            running.delete(n);
            if (fails) throw new Error('failed');
          }).then(
            () => 'done',
            (error: Error) => error.message,
          ),
        );
        // Whoever shares a name with nobody before begins at once.
        for (let i = 0; i < 10; i++) await Promise.resolve();
        works.forEach((_, n) => {
          if (![...works.keys()].slice(0, n).some((before) => shares(n, before))) expect(begun).toContain(n);
        });
        await scheduler.waitFor(Promise.all(all));
        expect(await Promise.all(all)).toEqual(works.map(({ fails }) => (fails ? 'failed' : 'done')));
      }),
    );
  });
});
