import type { Id16, Mark } from '../../kernel/id.ts';
import type { RecordIndex } from '../terms.ts';
import type { Directory } from './directory.ts';

/** What decisions need to know of one record: who may change it, and whether a source's bytes are known. */
export type KnownRecord = {
  readonly source: Mark;
  /** Of the bytes that stand now. */
  readonly version: Mark;
  /** Of bytes that stood before, oldest first; absent while there are none. */
  readonly past?: readonly Mark[];
  readonly state: 'live' | 'withdrawn';
  readonly custodian: Id16;
  readonly author?: Id16;
  readonly index: RecordIndex;
};

/** The records of one resident by id, and by the mark of their source document. */
export type RecordState = {
  readonly records: Directory<KnownRecord>;
  readonly sources: Directory<Id16>;
};

/** Organisations that ever registered a record of this resident, ascending; it only grows, so that no permit rests on its being small. */
export type CustodiansState = readonly Id16[];

/** How far read tables must have come before an access may be planned on them: the stream's last event that changes what can be opened. */
export type ShelfState = { readonly revision: number };
