import { describe, expect, it } from 'vitest';
import { decidedAt, sealedEvents } from '../../test/support/sealed-events.ts';
import { SEEDED_START, seededClock, seededEntropy } from '../../test/support/seeded.ts';
import { nodeSuite as suite } from '../suite-node/suite.ts';
import { memoryLedger } from './memory/memory-ledger.ts';
import { storedByPort } from './stored.ts';

const make = sealedEvents(seededEntropy('stored'));

function openLedger() {
  const clock = seededClock(SEEDED_START);
  const ledger = memoryLedger({
    identity: { origin: 'health.example/110000', suite: 'international' },
    suite,
    entropy: seededEntropy('stored ledger'),
    time: () => clock.now(),
  });
  const append = (stream: ReturnType<typeof make.stream>) =>
    ledger.append(stream, make.events(2), decidedAt(SEEDED_START));
  return { ledger, append };
}

async function all<T>(pages: AsyncIterable<readonly T[]>): Promise<T[]> {
  const list: T[] = [];
  for await (const page of pages) list.push(...page);
  return list;
}

describe('a store as its port shows it', () => {
  it('is as of one instant: what is appended meanwhile is in no row, no decision and no head', async () => {
    const { ledger, append } = openLedger();
    const [old, other, young] = [make.stream(), make.stream(), make.stream()];
    await append(old);
    await append(other);
    const streams = [old, other];
    const before = await storedByPort(ledger).asOfNow(async (view) => ({
      rows: await all(view.rows(undefined)),
      decided: await all(view.decided(undefined)),
      heads: await all(view.heads(streams)),
      end: view.end,
    }));
    const meanwhile = await storedByPort(ledger).asOfNow(async (view) => {
      await append(old);
      await append(young);
      const rows = await all(view.rows(undefined));
      await append(other);
      const decided = await all(view.decided(undefined));
      return { rows, decided, heads: await all(view.heads(streams)), end: view.end };
    });
    expect(before.rows).toHaveLength(4);
    expect(before.heads).toHaveLength(2);
    expect(meanwhile).toEqual(before);
  });

  it('shows nothing of a ledger that was empty when the look began', async () => {
    const { ledger, append } = openLedger();
    const stream = make.stream();
    await storedByPort(ledger).asOfNow(async (view) => {
      await append(stream);
      expect(await all(view.rows(undefined))).toEqual([]);
      expect(await all(view.heads([stream]))).toEqual([]);
      expect(view.end).toEqual({ position: undefined });
    });
  });
});
