import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { GroupTried } from '../../src/kernel/probe.ts';
import { SILENT_PROBE } from '../../src/kernel/probe.ts';
import type { Ledger } from '../../src/ledger/port.ts';
import { type LedgerServer, ledgerServer } from '../support/eventstore-ledger.ts';
import { decidedAt, sealedEvents } from '../support/sealed-events.ts';
import { SEEDED_START, seededEntropy } from '../support/seeded.ts';

const make = sealedEvents(seededEntropy('told'));
const now = decidedAt(SEEDED_START);

let under: LedgerServer;
let ledger: Ledger;
let told: Pick<GroupTried, 'outcome' | 'appends' | 'recorded'>[];
beforeEach(async () => {
  under = await ledgerServer();
  told = [];
  const groupTried = ({ outcome, appends, recorded }: GroupTried) => void told.push({ outcome, appends, recorded });
  ledger = await under.open({ probe: { ...SILENT_PROBE, groupTried }, callTimeoutMs: 200, settleMs: 600 });
});
afterEach(() => under.close());

const fails = (appending: Promise<unknown>, code: string) => expect(appending).rejects.toMatchObject({ code });

/** LedgerNotWritable wakes somebody by these. */
describe('an operator is told of a group', () => {
  it('that it was written, and how many of it', async () => {
    const stream = make.stream();
    const stale = decidedAt(SEEDED_START, { stream, revision: -1n, kinds: [''] });
    await ledger.append(stream, make.events(1), now);
    const both = [
      ledger.append(stream, make.events(2), now),
      fails(ledger.append(stream, make.events(1), stale), 'append-conflict'),
    ];
    await Promise.all(both);
    expect(told).toEqual([
      { outcome: 'committed', appends: 1, recorded: 1 },
      { outcome: 'committed', appends: 2, recorded: 1 },
    ]);
  });

  it('that it was seen to, when each of it lost: a loser is no outage', async () => {
    const stream = make.stream();
    await ledger.append(stream, make.events(1), now);
    told.length = 0;
    const stale = decidedAt(SEEDED_START, { stream, revision: -1n, kinds: [''] });
    await fails(ledger.append(stream, make.events(1), stale), 'append-conflict');
    expect(told).toEqual([{ outcome: 'committed', appends: 1, recorded: 0 }]);
  });

  it('that it was not written, when the server is not there', async () => {
    await under.faults().refuseConnections();
    await fails(ledger.append(make.stream(), make.events(1), now), 'ledger-unavailable');
    await expect.poll(() => told, { timeout: 10_000 }).toEqual([{ outcome: 'not-written', appends: 1, recorded: 0 }]);
  });

  it('that nobody knows, when the server took it and fell silent', async () => {
    const stream = make.stream();
    await ledger.append(stream, make.events(1), now);
    told.length = 0;
    await under.faults().holdWrites('store');
    await fails(ledger.append(stream, make.events(1), now), 'append-unknown');
    expect(told).toEqual([{ outcome: 'unknown', appends: 1, recorded: 0 }]);
    // Its fate is asked for all the same, and told when it is known.
    await under.faults().releaseWrites();
    await expect.poll(() => told[1], { timeout: 10_000 }).toEqual({ outcome: 'committed', appends: 1, recorded: 1 });
  });
});
