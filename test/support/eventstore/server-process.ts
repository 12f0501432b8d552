import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { EventStoreFaults } from './faults.ts';
import { type RunningEventStore, type StartOptions, startEventStore } from './start.ts';

/** The faults that the process brings about in itself. The others are done to it. */
type Inner = Exclude<keyof EventStoreFaults, 'freeze' | 'thaw' | 'restart'>;

interface Order {
  readonly order: Inner;
  readonly value?: unknown;
}

type Started = Required<StartOptions>;

/** The server as a process of its own: a freeze stops it, a crash is `kill -9`, and it comes back on the same ports and folder. */
export async function startEventStoreProcess({ folder, ports }: Started): Promise<RunningEventStore> {
  let child = await spawned({ folder, ports });
  const own = child.ports;
  const tell = async (order: Order): Promise<void> => {
    child.process.send(order);
    await once(child.process, 'message');
  };
  const ended = (): Promise<unknown> =>
    child.process.exitCode === null && child.process.signalCode === null
      ? once(child.process, 'exit')
      : Promise.resolve();
  const faults: EventStoreFaults = {
    freeze: async () => void child.process.kill('SIGSTOP'),
    thaw: async () => void child.process.kill('SIGCONT'),
    dropConnections: () => tell({ order: 'dropConnections' }),
    refuseConnections: () => tell({ order: 'refuseConnections' }),
    acceptConnections: () => tell({ order: 'acceptConnections' }),
    slow: (value) => tell({ order: 'slow', value }),
    holdWrites: (value) => tell({ order: 'holdWrites', value }),
    releaseWrites: () => tell({ order: 'releaseWrites' }),
    dropSubscriptions: () => tell({ order: 'dropSubscriptions' }),
    elect: (value) => tell({ order: 'elect', value }),
    crash: async (waiting) => {
      // Told what becomes of the writes that wait, it sees to them and answers no caller; untold, it dies as it stands.
      if (waiting !== undefined) await tell({ order: 'crash', value: waiting });
      child.process.kill('SIGKILL');
      await ended();
    },
    restart: async () => {
      child = await spawned({ folder, ports: own });
    },
  };
  return {
    ports: own,
    faults,
    close: async () => {
      // A process that was frozen or killed takes no order.
      child.process.kill('SIGKILL');
      await ended();
    },
  };
}

async function spawned(
  options: Started,
): Promise<{ readonly process: ChildProcess; readonly ports: readonly number[] }> {
  const child = fork(fileURLToPath(import.meta.url), [JSON.stringify(options)], {
    execArgv: ['--import', 'tsx'],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  // A test that is given up leaves nothing running.
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill);
  child.once('exit', () => process.off('exit', kill));
  const ports = await new Promise<readonly number[]>((resolve, reject) => {
    child.once('message', (said) => resolve(said as number[]));
    child.once('exit', (code) => reject(new Error(`the test server ended with ${code}`)));
  });
  return { process: child, ports };
}

async function program(): Promise<void> {
  const server = await startEventStore(JSON.parse(process.argv[2] ?? '{}') as Started);
  const faults: Record<string, (value: never) => Promise<void>> = { ...server.faults };
  process.on('message', async ({ order, value }: Order) => {
    await faults[order]?.(value as never);
    process.send?.(null);
  });
  process.once('disconnect', () => process.exit());
  process.send?.(server.ports);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await program();
