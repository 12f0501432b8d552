import { DeadlineExceededError, NO_STREAM, NotLeaderError, UnavailableError } from '@eventstore/db-client';
import { expect } from 'vitest';
import { bytesEvent, collected, rejection } from '../support/eventstore/awaiting.ts';
import { describeRows } from '../support/eventstore/rows.ts';

describeRows('the faults that tests ask for', [
  {
    sentence: 'an append that waits when the server crashes is there after the restart, or is not, as told',
    runWithFaults: async ({ client, stream }, faults) => {
      for (const fate of ['stored', 'lost'] as const) {
        const [name, c, event] = [stream(), client(), bytesEvent()];
        await c.appendToStream(stream(), bytesEvent());
        await faults.holdWrites('store');
        const inDoubt = rejection(c.appendToStream(name, event, { expectedRevision: NO_STREAM }));
        await new Promise((resolve) => setTimeout(resolve, 100));
        await faults.crash(fate);
        expect(await inDoubt).toBeInstanceOf(UnavailableError);
        await faults.restart();
        const fresh = client();
        const stored = await collected(fresh.readStream(name)).catch(() => []);
        expect(stored).toHaveLength(fate === 'stored' ? 1 : 0);
        await fresh.appendToStream(name, event, { expectedRevision: NO_STREAM });
        expect(await collected(fresh.readStream(name))).toHaveLength(1);
      }
    },
  },
  {
    sentence: 'an append whose answer is held back is stored, and after two seconds its caller hears of a time-out',
    runWithFaults: async ({ client, stream }, faults) => {
      const [name, c] = [stream(), client()];
      await c.appendToStream(stream(), bytesEvent());
      await faults.holdWrites('answer');
      const inDoubt = rejection(c.appendToStream(name, bytesEvent(), { expectedRevision: NO_STREAM }));
      expect(await inDoubt).toBeInstanceOf(DeadlineExceededError);
      expect(await collected(c.readStream(name))).toHaveLength(1);
      await faults.releaseWrites();
      expect((await c.appendToStream(name, bytesEvent(), { expectedRevision: 0n })).nextExpectedRevision).toBe(1n);
    },
  },
  {
    sentence: 'a connection that is dropped fails what is in flight, and the client connects again',
    runWithFaults: async ({ client, stream }, faults) => {
      const [name, c] = [stream(), client()];
      await c.appendToStream(name, bytesEvent(), { expectedRevision: NO_STREAM });
      await faults.holdWrites('answer');
      const inFlight = rejection(c.appendToStream(name, bytesEvent(), { expectedRevision: 0n }));
      await new Promise((resolve) => setTimeout(resolve, 100));
      await faults.dropConnections();
      expect(await inFlight).toBeInstanceOf(UnavailableError);
      await faults.releaseWrites();
      expect(await collected(c.readStream(name))).toHaveLength(2);
    },
  },
  {
    sentence: 'connections are refused and accepted again while the server and its log go on',
    runWithFaults: async ({ client, stream }, faults) => {
      const [name, c] = [stream(), client()];
      await c.appendToStream(name, bytesEvent(), { expectedRevision: NO_STREAM });
      await faults.refuseConnections();
      await rejection(c.appendToStream(name, bytesEvent(), { expectedRevision: 0n }));
      expect((await rejection(c.appendToStream(name, bytesEvent(), { expectedRevision: 0n }))).code).toBe(14);
      await faults.acceptConnections();
      expect((await c.appendToStream(name, bytesEvent(), { expectedRevision: 0n })).nextExpectedRevision).toBe(1n);
    },
  },
  {
    sentence: 'a slow way makes everything late and nothing wrong',
    runWithFaults: async ({ client, stream }, faults) => {
      const [name, c] = [stream(), client()];
      await c.appendToStream(name, bytesEvent(), { expectedRevision: NO_STREAM });
      await faults.slow(100);
      const since = performance.now();
      await c.appendToStream(name, bytesEvent(), { expectedRevision: 0n });
      expect(performance.now() - since).toBeGreaterThan(190);
      await faults.slow(0);
      expect(await collected(c.readStream(name))).toHaveLength(2);
    },
  },
]);

describeRows(
  'a cluster of three',
  [
    {
      sentence: 'the client finds the leader by gossip; one who asks a follower for the leader is told where it is',
      runWithFaults: async ({ client, nodeClient, stream }, faults) => {
        const [name, c] = [stream(), client('&nodePreference=leader')];
        await c.appendToStream(name, bytesEvent(), { expectedRevision: NO_STREAM, requiresLeader: true });
        const [leader, follower] = [nodeClient(0), nodeClient(1)];
        await leader.appendToStream(name, bytesEvent(), { expectedRevision: 0n, requiresLeader: true });
        const refused = await rejection(
          follower.appendToStream(name, bytesEvent(), { expectedRevision: 1n, requiresLeader: true }),
        );
        expect(refused).toBeInstanceOf(NotLeaderError);
        // It has gone over to that endpoint; the others, who ask for no leader, are served where they are.
        await follower.appendToStream(name, bytesEvent(), { expectedRevision: 1n, requiresLeader: true });
        await nodeClient(2).appendToStream(name, bytesEvent(), { expectedRevision: 2n });
        expect(await collected(nodeClient(1).readStream(name))).toHaveLength(4);
        await faults.elect(2);
        const deposed = await rejection(
          leader.appendToStream(name, bytesEvent(), { expectedRevision: 3n, requiresLeader: true }),
        );
        expect(deposed).toBeInstanceOf(NotLeaderError);
        const after = await leader.appendToStream(name, bytesEvent(), { expectedRevision: 3n, requiresLeader: true });
        expect(after.nextExpectedRevision).toBe(4n);
        const read = collected(nodeClient(0).readStream(name, { requiresLeader: true }));
        expect(await rejection(read)).toBeInstanceOf(NotLeaderError);
      },
    },
  ],
  { nodes: 3 },
);
