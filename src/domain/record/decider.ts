import type { ActorRef } from '../../kernel/event.ts';
import type { Id16, Mark } from '../../kernel/id.ts';
import { accept, type Decider, type Decision, refuse } from '../decider.ts';
import type { IdentityState } from '../identity/terms.ts';
import type { InstitutionState } from '../institution/terms.ts';
import { type PractitionerState, standing } from '../practitioner/terms.ts';
import type { RefusalCode } from '../refusals.ts';
import { lookUp } from './directory.ts';
import type { NewRecordEvent } from './events.ts';
import { knownAs } from './fold.ts';
import type { KnownRecord, RecordState } from './terms.ts';

type Written = Extract<NewRecordEvent, { type: 'record.registered@1' }>;
type Replaced = Extract<NewRecordEvent, { type: 'record.replaced@1' }>;
/** One record with all that its event says. The id is new; a source that is known keeps the id that it has. */
export type RecordEntry = Pick<Written, 'retained' | 'personal'>;

/** `practitioner` and `institution` of the states are the asker's; of a system neither is read. */
export type RecordCommand =
  | { readonly type: 'register'; readonly record: RecordEntry; readonly by: ActorRef }
  /** Many, decided one after the other; those that are refused are left out (`importOutcomes` says which and why). */
  | { readonly type: 'import'; readonly records: readonly RecordEntry[]; readonly by: ActorRef }
  /** New bytes for a record known by its id. */
  | { readonly type: 'replace'; readonly record: RecordEntry; readonly by: ActorRef }
  | {
      readonly type: 'withdraw';
      readonly recordId: Id16;
      readonly reason: 'entered-in-error' | 'wrong-subject' | 'superseded' | 'custodian';
      readonly by: ActorRef;
    };

interface States {
  readonly identity: IdentityState;
  readonly record: RecordState;
  readonly practitioner: PractitionerState;
  readonly institution: InstitutionState;
}

export const recordDecider: Decider<RecordCommand, States, NewRecordEvent, RefusalCode> = {
  folds: ['identity', 'record', 'practitioner', 'institution'],
  decide(command, states) {
    const why = hindranceOf(command.by, states);
    if (why !== undefined) return refuse(why);
    switch (command.type) {
      case 'register':
        return decisionOf(registration(command.record, command.by, shelfOf(states.record)));
      case 'import':
        return accept(
          ...importOutcomes(command, states.record).flatMap((outcome) => ('event' in outcome ? [outcome.event] : [])),
        );
      case 'replace': {
        const { record, by } = command;
        const known = lookUp(states.record.records, record.retained.recordId);
        if (known === undefined) return refuse('no-such-record');
        if (known.source !== record.retained.source.source) return refuse('source-fixed');
        return decisionOf(registration(record, by, shelfOf(states.record)));
      }
      case 'withdraw': {
        const { recordId, reason, by } = command;
        const known = lookUp(states.record.records, recordId);
        if (known === undefined) return refuse('no-such-record');
        if (!isOf(known.custodian, by)) return refuse('not-custodian');
        if (known.state === 'withdrawn') return accept();
        return accept<NewRecordEvent>({ type: 'record.withdrawn@1', retained: { recordId, reason }, personal: {} });
      }
    }
  },
};

/** What became of one entry of an import. */
export type RecordOutcome =
  | { readonly kind: 'registered' | 'replaced'; readonly recordId: Id16; readonly event: Written | Replaced }
  /** These bytes of this source are there, or were before: nothing to do. */
  | { readonly kind: 'known'; readonly recordId: Id16 }
  | { readonly kind: 'left'; readonly code: 'not-custodian' | 'record-withdrawn' | 'source-fixed' | 'id-taken' };

/**
 * One outcome an entry, in order; each is decided on the state after those before it. Bytes that a source had before are known
 * too: an old file imported once more, or two files in another order, roll nothing back and append nothing.
 */
export function importOutcomes(
  { records, by }: Extract<RecordCommand, { type: 'import' }>,
  past: RecordState,
): RecordOutcome[] {
  // What this import changes, by record; the state itself would be copied for each of a thousand entries.
  const changed = new Map<Id16, KnownRecord>();
  const placed = new Map<Mark, Id16>();
  const shelf: Shelf = {
    record: (recordId) => changed.get(recordId) ?? lookUp(past.records, recordId),
    ofSource: (source) => placed.get(source) ?? lookUp(past.sources, source),
  };
  return records.map((record) => {
    const { source, version } = record.retained.source;
    const recordId = shelf.ofSource(source);
    if (recordId !== undefined && shelf.record(recordId)?.past?.includes(version) === true) {
      return { kind: 'known', recordId };
    }
    const outcome = registration(record, by, shelf);
    if ('event' in outcome) {
      const { retained } = outcome.event;
      changed.set(retained.recordId, knownAs(retained, shelf.record(retained.recordId)));
      placed.set(source, retained.recordId);
    }
    return outcome;
  });
}

/** What is known of records, wherever it is kept. */
interface Shelf {
  record(recordId: Id16): KnownRecord | undefined;
  ofSource(source: Mark): Id16 | undefined;
}

const shelfOf = (state: RecordState): Shelf => ({
  record: (recordId) => lookUp(state.records, recordId),
  ofSource: (source) => lookUp(state.sources, source),
});

function decisionOf(outcome: RecordOutcome): Decision<NewRecordEvent, RefusalCode> {
  if (outcome.kind === 'left') return refuse(outcome.code);
  return outcome.kind === 'known' ? accept() : accept(outcome.event);
}

function registration(record: RecordEntry, by: ActorRef, shelf: Shelf): RecordOutcome {
  const { retained, personal } = record;
  if (!isOf(retained.custodian, by)) return { kind: 'left', code: 'not-custodian' };
  const holder = shelf.record(retained.recordId);
  if (holder !== undefined && holder.source !== retained.source.source) return { kind: 'left', code: 'id-taken' };
  const recordId = shelf.ofSource(retained.source.source);
  const known = recordId === undefined ? undefined : shelf.record(recordId);
  if (recordId === undefined || known === undefined) {
    const event: Written = { type: 'record.registered@1', retained, personal };
    return { kind: 'registered', recordId: retained.recordId, event };
  }
  if (known.version === retained.source.version) return { kind: 'known', recordId };
  // Another organisation that names the same source document does not take the record over.
  if (!isOf(known.custodian, by)) return { kind: 'left', code: 'not-custodian' };
  if (known.state === 'withdrawn') return { kind: 'left', code: 'record-withdrawn' };
  if (known.index !== retained.index) return { kind: 'left', code: 'source-fixed' };
  const event: Replaced = { type: 'record.replaced@1', retained: { ...retained, recordId }, personal };
  return { kind: 'replaced', recordId, event };
}

/** A practitioner acts for the organisation of the token; a system imports for every custodian. */
function isOf(custodian: Id16, by: ActorRef): boolean {
  return by.kind === 'system' || (by.kind === 'practitioner' && by.organisation === custodian);
}

/** What stands in the way of any command on records. The dead's records are still registered, corrected and withdrawn. */
function hindranceOf(by: ActorRef, { identity, practitioner, institution }: States): RefusalCode | undefined {
  if (by.kind !== 'practitioner' && by.kind !== 'system') return 'not-permitted';
  if (by.kind === 'practitioner') {
    const stands = standing(practitioner, institution, by.organisation);
    if (stands !== 'good') return stands;
  }
  return identity.status === 'unregistered' ? 'not-registered' : undefined;
}
