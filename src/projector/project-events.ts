import { CATALOGUE } from '../domain/catalogue.ts';
import { isFault, Malformed } from '../kernel/fault.ts';
import type { RecordedEvent } from '../ledger/port.ts';
import type { SealedRef, Vault } from '../vault/port.ts';
import type { ProjectedEvent } from './define.ts';
import { ProjectorStopped } from './faults.ts';

/** Opens the retained parts of a batch: one answer a part, in order. */
export type OpenRetained = Vault['openRetained'];

/**
 * Stored events as projections see them. `first` is the ordinal of the first. Bytes from the store are not trusted to be what they
 * should: an event of an unknown type, or with a retained part that does not open under the commitment of its leaf and decode, stops the
 * projector by name. It is never skipped. What is only out of reach (a vault without its database) is thrown as it is.
 * @throws ProjectorStopped
 */
export async function projectEvents(
  events: readonly RecordedEvent[],
  first: bigint,
  openRetained: OpenRetained,
): Promise<ProjectedEvent[]> {
  const refs = events.map(retainedRef);
  const retained = await openRetained(refs).catch(async (error: unknown) => {
    if (isLasting(error)) await nameCulprit(events, refs, openRetained);
    throw error;
  });
  return events.map((event, i) => {
    const { commitments } = event;
    return {
      type: event.type,
      id: event.id,
      stream: event.stream,
      revision: event.revision,
      time: event.time,
      retained: retained[i],
      position: event.position,
      ordinal: first + BigInt(i),
      sealedRetained: { part: event.sealed.retained, commitment: commitments.retained },
      sealedPersonal: { part: event.sealed.personal, commitment: commitments.personal },
      // The type is in the catalogue and the vault has decoded the retained part by its declaration.
    } as ProjectedEvent;
  });
}

function retainedRef(event: RecordedEvent): SealedRef {
  if (!CATALOGUE.has(event.type)) throw new ProjectorStopped(event, 'its type is not in the catalogue');
  const { stream, id, type, sealed, commitments } = event;
  return { stream, id, type, commitment: commitments.retained, part: sealed.retained };
}

/** A part that does not open today will not open tomorrow; a vault that does not answer may. */
function isLasting(error: unknown): boolean {
  return error instanceof Malformed || (isFault(error) && error.code !== 'vault-unavailable');
}

async function nameCulprit(
  events: readonly RecordedEvent[],
  refs: readonly SealedRef[],
  openRetained: OpenRetained,
): Promise<void> {
  for (const [i, ref] of refs.entries()) {
    try {
      await openRetained([ref]);
    } catch (cause) {
      if (isLasting(cause))
        throw new ProjectorStopped(events[i] as RecordedEvent, 'its retained part does not open', cause);
      throw cause;
    }
  }
}
