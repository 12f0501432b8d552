import type { Fold } from '../decider.ts';
import { enter, lookUp } from './directory.ts';
import type { NewRecordEvent, RecordEvent } from './events.ts';
import type { KnownRecord, RecordState } from './terms.ts';

type Written = Extract<NewRecordEvent, { type: 'record.registered@1' | 'record.replaced@1' }>['retained'];

/** What is known of a record after it was registered or replaced; an import asks between one entry and the next. */
export function knownAs(retained: Written, known: KnownRecord | undefined): KnownRecord {
  const { source, custodian, author, index } = retained;
  const past = known === undefined ? [] : [...(known.past ?? []), known.version];
  return {
    ...source,
    ...(past.length > 0 && { past }),
    state: 'live',
    custodian,
    ...(author !== undefined && { author }),
    index,
  };
}

function withRecord(state: RecordState, retained: Written): RecordState {
  const { recordId, source } = retained;
  return {
    records: enter(state.records, recordId, knownAs(retained, lookUp(state.records, recordId))),
    sources: enter(state.sources, source.source, recordId),
  };
}

/** Without its details an event names no record: a registration is not known, a withdrawal is left to the read tables. */
export const recordFold: Fold<RecordState, RecordEvent> = {
  name: 'record',
  version: 1,
  kinds: ['record.'],
  initialState: { records: {}, sources: {} },
  evolve(state, event) {
    if (event.retained === 'expired') return state;
    switch (event.type) {
      case 'record.registered@1':
      case 'record.replaced@1':
        return withRecord(state, event.retained);
      case 'record.withdrawn@1': {
        const { recordId } = event.retained;
        const known = lookUp(state.records, recordId);
        if (known === undefined) return state;
        return { ...state, records: enter(state.records, recordId, { ...known, state: 'withdrawn' }) };
      }
    }
  },
};
