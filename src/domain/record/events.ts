import { declareEvent, type NewEvent, type PastEvent } from '../../kernel/event.ts';
import * as f from '../../kernel/field.ts';
import { category, confidentiality, period, recordIndex, sensitivity } from '../terms.ts';

/** An index entry for one clinical or health document, and where its content lies. */

const retained = {
  recordId: f.id16(),
  index: recordIndex(),
  category: category(),
  custodian: f.id16(),
  author: f.optional(f.id16()),
  /** The days that the data are of. */
  period: period(),
  /** Identity of the source document and of its exact bytes: HMAC under the stream's tag key (ledger.md §1). */
  source: f.object({ source: f.mark(), version: f.mark() }),
  /** HMAC(tagKey, "hrl/mark/v1\n" ‖ lp(code)) for each sensitivity and confidentiality code, in ascending order. */
  marks: f.setOf(f.mark(), 16, 1),
} as const;

const personal = {
  /** The source's own type, such as `Observation`, and its code. */
  type: f.text(64),
  code: f.optional(f.object({ system: f.text(256), code: f.text(128) })),
  title: f.text(512),
  /** The clinical instant. */
  at: f.instant(),
  sensitivities: f.setOf(sensitivity(), 8),
  confidentiality: confidentiality(),
  content: f.object({
    id: f.id16(),
    /** SHA-256 of the exact bytes. */
    hash: f.bytes32(),
    mediaType: f.pattern(/^[a-z]+\/[a-z0-9.+-]{1,100}$/, 'media-type'),
    /** Bytes. */
    size: f.integer(0, 16 * 1024 * 1024),
  }),
  sourceSystem: f.text(256),
  sourceId: f.text(128),
} as const;

export const recordRegistered = declareEvent({ type: 'record.registered@1', retention: 'life', retained, personal });

/** The same source with other bytes; keeps the record's id. */
export const recordReplaced = declareEvent({ type: 'record.replaced@1', retention: 'life', retained, personal });

export const recordWithdrawn = declareEvent({
  type: 'record.withdrawn@1',
  retention: 'life',
  retained: { recordId: f.id16(), reason: f.oneOf('entered-in-error', 'wrong-subject', 'superseded', 'custodian') },
  personal: {},
});

export const RECORD_EVENTS = [recordRegistered, recordReplaced, recordWithdrawn] as const;
export type RecordEvent = PastEvent<(typeof RECORD_EVENTS)[number]>;
export type NewRecordEvent = NewEvent<(typeof RECORD_EVENTS)[number]>;
