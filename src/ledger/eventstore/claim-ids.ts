import { setTimeout as sleep } from 'node:timers/promises';
import type { EventId, StreamName } from '../../kernel/id.ts';
import type { Reader } from './reader.ts';
import type { Held, Requests } from './requests.ts';

/** What an attempt learned of the ids that it wants to write. */
export interface ClaimedIds {
  /** An event of the ledger bears them, or an attempt of unknown fate may still write one in another stream. */
  readonly taken: ReadonlySet<EventId>;
  /** Nobody held them before: they may be given back when nothing is written under them. */
  readonly fresh: readonly EventId[];
}

/** How long an id that another attempt holds in another stream is waited for. */
const PATIENCE_MS = 1_000;
const FIRST_PAUSE_MS = 10;
/** Ids that are looked for at once. */
const PARALLEL = 8;

/**
 * Takes ids for an attempt on a stream whose tip, read before this call, is at `after`. Afterwards no event bears any id that is not `taken`,
 * up to that tip; and from then on any other attempt under it is on this very stream, where the exact expected revision lets one pass.
 * Throws `LedgerUnavailable`.
 */
export async function claimIds(
  deps: { readonly requests: Requests; readonly reader: Pick<Reader, 'search'> },
  owner: string,
  stream: StreamName,
  after: bigint,
  ids: readonly EventId[],
): Promise<ClaimedIds> {
  const { requests, reader } = deps;
  const taken = new Set<EventId>();
  const fresh = new Set(ids);

  const held = await requests.take(
    owner,
    ids.map((id) => ({ id, stream, after })),
  );
  const queue = [...held];
  const work = async (): Promise<void> => {
    for (let each = queue.shift(); each !== undefined; each = queue.shift()) await contend(each);
  };
  await Promise.all(Array.from({ length: Math.min(PARALLEL, queue.length) }, work));
  return { taken, fresh: [...fresh].filter((id) => !taken.has(id)) };

  async function contend(first: Held): Promise<void> {
    const { id } = first;
    const deadline = performance.now() + PATIENCE_MS;
    let holder: Held | undefined = first;
    for (let pause = FIRST_PAUSE_MS; ; pause *= 2) {
      if (holder === undefined) {
        // Given back meanwhile.
        [holder] = await requests.take(owner, [{ id, stream, after }]);
        if (holder === undefined) return;
      }
      fresh.delete(id);
      if (await stands(holder)) return void taken.add(id);
      if (holder.stream === stream) {
        // What its earlier holder has sent may still be written, but only in the place that this attempt wants, or not at all.
        if (await requests.takeOver(owner, holder)) return;
      } else if (performance.now() + pause > deadline) {
        return void taken.add(id);
      } else await sleep(pause);
      holder = await requests.find(id);
      if (holder === undefined) fresh.add(id);
    }
  }

  async function stands({ id, stream: where, after: behind }: Held): Promise<boolean> {
    return (await reader.search(where, behind, id)) !== undefined;
  }
}
