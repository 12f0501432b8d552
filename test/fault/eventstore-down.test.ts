import { createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, it } from 'vitest';
import { Malformed } from '../../src/kernel/fault.ts';
import { AppendUnknown, LedgerBusy, LedgerUnavailable } from '../../src/ledger/faults.ts';
import { nodeSuite as suite } from '../../src/suite-node/suite.ts';
import { describeWithFaults, type LedgerServer, ledgerServer } from '../support/eventstore-ledger.ts';
import { decidedAt, sealedEvents } from '../support/sealed-events.ts';
import { SEEDED_START, seededEntropy } from '../support/seeded.ts';
import { verifyLedger } from '../support/verify-ledger.ts';

const make = sealedEvents(seededEntropy('down'));
const now = decidedAt(SEEDED_START);

const open: LedgerServer[] = [];
async function fresh(options: Parameters<typeof ledgerServer>[0] = {}): Promise<LedgerServer> {
  const under = await ledgerServer(options);
  open.push(under);
  return under;
}
afterEach(async () => {
  await Promise.all(open.splice(0).map((under) => under.close()));
});

const fault = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (error: unknown) => error,
  );

describeWithFaults('a server that is frozen', () => {
  it('lets nobody hang: an append is unknown, a read not possible, and both work when it goes on', async () => {
    const under = await fresh();
    const ledger = await under.open({ settleMs: 800, callTimeoutMs: 300 });
    const [stream, other] = [make.stream(), make.stream()];
    await ledger.append(stream, make.events(1), now);
    await under.faults().freeze();
    const began = performance.now();
    const held = make.events(1);
    const [append, unknownStream, head, end, find] = await Promise.all([
      fault(ledger.append(stream, held, now)),
      fault(ledger.append(other, make.events(1), now)),
      fault(ledger.head(stream)),
      fault(ledger.end()),
      fault(ledger.find(held[0]?.id ?? make.id())),
    ]);
    expect(append).toBeInstanceOf(AppendUnknown);
    // Its tip is not known, so nothing was sent.
    expect(unknownStream).toBeInstanceOf(LedgerUnavailable);
    for (const read of [head, end]) expect(read).toBeInstanceOf(LedgerUnavailable);
    expect(find === undefined || find instanceof LedgerUnavailable || find === 'done').toBe(true);
    expect(performance.now() - began).toBeLessThan(3_000);
    await under.faults().thaw();
    await ledger.append(other, make.events(1), now);
    const last = await ledger.append(stream, make.events(1), now);
    expect(last.events[0]?.revision).toBe((await ledger.find(held[0]?.id ?? make.id())) === undefined ? 1n : 2n);
    await verifyLedger(ledger, suite);
  });

  it('does not keep a ledger from closing', async () => {
    const under = await fresh();
    const ledger = await under.open({ settleMs: 800, callTimeoutMs: 300 });
    const stream = make.stream();
    await ledger.append(stream, make.events(1), now);
    const follower = ledger.follow();
    const followed = (async () => {
      for await (const _ of follower);
    })();
    await under.faults().freeze();
    const append = fault(ledger.append(stream, make.events(1), now));
    await sleep(50);
    const began = performance.now();
    await ledger.close();
    expect(performance.now() - began).toBeLessThan(6_000);
    expect(await append).toBeInstanceOf(AppendUnknown);
    await followed;
    await under.faults().thaw();
  });
});

describeWithFaults('a server that is away', () => {
  it('breaks what is in flight, refuses what comes, and the same ledger works when it is back', async () => {
    const under = await fresh({ shape: 'disk' });
    const ledger = await under.open({ settleMs: 1_500, callTimeoutMs: 500 });
    const stream = make.stream();
    await ledger.append(stream, make.events(1), now);
    for (let round = 0; round < 3; round++) {
      const flying = Array.from({ length: 8 }, () => fault(ledger.append(make.stream(), make.events(1), now)));
      await under.faults().crash();
      const during = fault(ledger.append(stream, make.events(1), now));
      expect(await fault(ledger.head(stream))).toBeInstanceOf(LedgerUnavailable);
      for (const outcome of await Promise.all([...flying, during]))
        expect(outcome === 'done' || outcome instanceof AppendUnknown || outcome instanceof LedgerUnavailable).toBe(
          true,
        );
      await under.faults().restart();
      const again = async (): Promise<unknown> => fault(ledger.append(stream, make.events(1), now));
      let outcome = await again();
      for (let tries = 0; outcome !== 'done' && tries < 5; tries++) outcome = await again();
      expect(outcome).toBe('done');
    }
    await verifyLedger(ledger, suite);
  });

  it('is not reached: opening says so', async () => {
    const under = await fresh();
    await under.faults().refuseConnections();
    const began = performance.now();
    await expect(under.open({ callTimeoutMs: 500 })).rejects.toBeInstanceOf(LedgerUnavailable);
    expect(performance.now() - began).toBeLessThan(6_000);
    await under.faults().acceptConnections();
  });

  it('is a port that takes connections and never says a word: opening says so in time', async () => {
    const under = await fresh();
    const sockets = new Set<Socket>();
    const deaf = createServer((socket) => sockets.add(socket));
    await new Promise<void>((resolve) => deaf.listen(0, '127.0.0.1', resolve));
    const address = deaf.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    const began = performance.now();
    const opening = under.open({ connectionString: `esdb://127.0.0.1:${port}?tls=false`, callTimeoutMs: 500 });
    await expect(opening).rejects.toBeInstanceOf(LedgerUnavailable);
    expect(performance.now() - began).toBeLessThan(6_000);
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => deaf.close(resolve));
  });
});

describeWithFaults('two ledgers of one process on two servers', () => {
  it('do not share their faults: what one has in flight stands when the connection of the other breaks', async () => {
    const [a, b] = [await fresh(), await fresh()];
    const [left, right] = [await a.open({ settleMs: 1_500, callTimeoutMs: 500 }), await b.open()];
    for (const ledger of [left, right]) await ledger.append(make.stream(), make.events(1), now);
    await Promise.all([a.faults().holdWrites('store'), b.faults().holdWrites('answer')]);
    const stream = make.stream();
    const rights = Array.from({ length: 16 }, () => right.append(make.stream(), make.events(1), now));
    const lefts = Array.from({ length: 16 }, () => fault(left.append(stream, make.events(1), now)));
    await sleep(200);
    await a.faults().crash();
    await sleep(100);
    await b.faults().releaseWrites();
    expect((await Promise.all(rights)).map(({ events }) => events[0]?.revision)).toEqual(Array(16).fill(0n));
    await right.append(make.stream(), make.events(1), now);
    await Promise.all(lefts);
    await verifyLedger(right, suite);
  });
});

describeWithFaults('a cluster whose leader changes', () => {
  it('is followed to the new leader, and nothing is lost', async () => {
    const under = await fresh({ nodes: 3 });
    // One node only: it turns away whoever asks for the leader, and says where that is.
    const [node = under.server.url] = under.server.nodeUrls;
    for (const connectionString of [under.server.url, node]) {
      const ledger = await under.open({ connectionString });
      const stream = make.stream();
      for (const leader of [1, 2, 0]) {
        await ledger.append(stream, make.events(1), now);
        await under.faults().elect(leader);
        await ledger.append(stream, make.events(1), now);
        expect((await ledger.head(stream))?.revision).toBeDefined();
      }
      expect((await ledger.head(stream))?.revision).toBe(5n);
      await verifyLedger(ledger, suite);
    }
  });
});

describeWithFaults('what would break a client', () => {
  it('never reaches it: the appends beside a malformed one stand', async () => {
    const under = await fresh();
    const ledger = await under.open();
    const wrong = [
      { ...make.event(), id: 'no-uuid' },
      { ...make.event(), type: '' },
    ];
    const outcomes = await Promise.all([
      ...wrong.map((event) => fault(ledger.append(make.stream(), [event as never], now))),
      ...Array.from({ length: 8 }, () => fault(ledger.append(make.stream(), make.events(2), now))),
    ]);
    expect(outcomes.slice(0, 2).every((outcome) => outcome instanceof Malformed)).toBe(true);
    expect(outcomes.slice(2)).toEqual(Array(8).fill('done'));
    expect((await verifyLedger(ledger, suite)).events).toHaveLength(16);
  });

  it.each(['', 'localhost', 'http://127.0.0.1:2113', 'esdb://', 'esdb://u:secret@h?keepAliveInterval=-5'])(
    'the connection string %j is malformed, and not repeated',
    async (connectionString) => {
      const under = await fresh();
      const said = await fault(under.open({ connectionString }));
      expect(said).toBeInstanceOf(Malformed);
      expect(String(said)).not.toContain('secret');
    },
  );

  it('a full queue is not one: one more is told when to come back', async () => {
    const under = await fresh();
    const ledger = await under.open({ queueLimit: 5, concurrency: 2 });
    await under.faults().holdWrites('store');
    const append = () => fault(ledger.append(make.stream(), make.events(1), now));
    const running = [append(), append()];
    await sleep(100);
    const waiting = Array.from({ length: 5 }, append);
    expect(ledger.queued).toBe(7);
    expect(await append()).toBeInstanceOf(LedgerBusy);
    await under.faults().releaseWrites();
    expect(await Promise.all([...running, ...waiting])).toEqual(Array(7).fill('done'));
    expect(ledger.queued).toBe(0);
    expect((await verifyLedger(ledger, suite)).events).toHaveLength(7);
  });
});
