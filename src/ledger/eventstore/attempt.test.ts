import { describe, expect, it } from 'vitest';
import type { StreamName } from '../../kernel/id.ts';
import { LedgerCorrupt, LedgerUnavailable } from '../faults.ts';
import { sendUntilKnown } from './attempt.ts';
import type { ProposedEvent, Sent } from './batch-stream.ts';
import { encodeFrame } from './frame.ts';
import type { StoredEvent } from './stored-event.ts';

const stream = 'resident/x' as StreamName;
const DOUBT: Sent = { kind: 'doubt', cause: new Error('no answer') };
const WRONG: Sent = { kind: 'wrong-version' };
const position = { commit: 7n, prepare: 7n };
const written = (revision: bigint): Sent => ({ kind: 'written', revision, position });

const event = (n: number): StoredEvent =>
  ({
    type: 'access.permitted@1',
    revision: BigInt(n),
    position: `${'0'.repeat(19)}${n}-${'0'.repeat(19)}${n}`,
    leafHash: new Uint8Array(32).fill(n),
    leaf: Uint8Array.of(n),
    header: Uint8Array.of(n),
    headerOpening: new Uint8Array(32),
    beside: -1n,
    sealed: { retained: { keyId: 'r', bytes: Uint8Array.of(n) }, personal: { keyId: 'p', bytes: Uint8Array.of(n) } },
  }) as never;

/** Sends two events behind revision 4 to a server that answers so, and whose stream holds these behind it. */
function attempt(
  answers: readonly Sent[],
  stands: readonly StoredEvent[] | 'away' = [],
  goOn: () => boolean = () => true,
) {
  const sendings: { readonly name: string; readonly expected: bigint; readonly events: readonly ProposedEvent[] }[] =
    [];
  const events = [event(5), event(6)];
  let away = stands === 'away';
  const fate = sendUntilKnown(
    {
      prefix: 'hrl:',
      sender: {
        send: async (name, expected, proposed) => {
          sendings.push({ name, expected, events: proposed });
          return answers[sendings.length - 1] ?? DOUBT;
        },
        close: () => {},
      },
      reader: {
        page: async () => {
          if (away) {
            away = false;
            throw new LedgerUnavailable(undefined);
          }
          return { events: stands === 'away' ? [event(9)] : [...stands], ended: true };
        },
      },
      goOn,
      doubted: () => {},
    },
    stream,
    4n,
    events,
  );
  return { fate, sendings, events };
}

describe('an attempt', () => {
  it('is sent once when its answer comes, in bytes that stay the same', async () => {
    const { fate, sendings, events } = attempt([written(6n)]);
    expect(await fate).toEqual({ kind: 'written', position });
    expect(sendings).toHaveLength(1);
    expect(sendings[0]).toMatchObject({ name: 'hrl:resident/x', expected: 4n });
    expect(sendings[0]?.events.map(({ data }) => data)).toEqual(events.map(({ leaf }) => leaf));
    expect(sendings[0]?.events.map(({ metadata }) => metadata)).toEqual(events.map(encodeFrame));
    expect(sendings[0]?.events.map(({ id }) => id)).toEqual([
      '05050505-0505-8505-8505-050505050505',
      '06060606-0606-8606-8606-060606060606',
    ]);
  });

  it('in doubt is sent again as it is until its fate is seen', async () => {
    const { fate, sendings } = attempt([DOUBT, DOUBT, written(6n)]);
    expect(await fate).toMatchObject({ kind: 'written' });
    expect(sendings).toHaveLength(3);
    expect(sendings[1]).toEqual(sendings[0]);
    expect(sendings[2]).toEqual(sendings[0]);
  });

  it('in whose place others stand is dead, and says who stands there', async () => {
    const later = [event(1), event(2), event(3)];
    expect(await attempt([DOUBT, WRONG], later).fate).toEqual({ kind: 'dead', later });
  });

  it('in whose place it stands itself was written, whatever the server says of this sending', async () => {
    const { fate, events } = attempt([DOUBT, WRONG], [event(5), event(6), event(7)]);
    expect(await fate).toEqual({ kind: 'written', position: { commit: 6n, prepare: 6n } });
    expect(events).toHaveLength(2);
  });

  it('in whose place a part of it stands, or nothing, is corrupt', async () => {
    await expect(attempt([WRONG], [event(5), event(1)]).fate).rejects.toBeInstanceOf(LedgerCorrupt);
    await expect(attempt([WRONG], []).fate).rejects.toBeInstanceOf(LedgerCorrupt);
  });

  it('is asked for again where it cannot be read who stands there', async () => {
    const { fate, sendings } = attempt([WRONG, WRONG], 'away');
    expect(await fate).toMatchObject({ kind: 'dead' });
    expect(sendings).toHaveLength(2);
  });

  it('that is acknowledged at another revision is corrupt', async () => {
    await expect(attempt([written(9n)]).fate).rejects.toBeInstanceOf(LedgerCorrupt);
  });

  it('refused at once was not written; refused after a doubt, nobody knows', async () => {
    const denied: Sent = { kind: 'refused', why: 'denied' };
    expect(await attempt([denied]).fate).toEqual({ kind: 'refused', why: 'denied' });
    expect(await attempt([DOUBT, denied, written(6n)]).fate).toMatchObject({ kind: 'written' });
    await expect(attempt([{ kind: 'refused', why: 'deleted' }]).fate).rejects.toBeInstanceOf(LedgerCorrupt);
  });

  it('ends unknown when nobody wants to know any more, never before it was sent', async () => {
    const { fate, sendings } = attempt([DOUBT, DOUBT], [], () => false);
    expect(await fate).toEqual({ kind: 'unknown' });
    expect(sendings).toHaveLength(1);
  });
});
