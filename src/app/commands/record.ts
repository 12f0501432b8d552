import { refuse } from '../../domain/decider.ts';
import { identityFold } from '../../domain/identity/fold.ts';
import { standing } from '../../domain/practitioner/terms.ts';
import { type RecordEntry, recordDecider } from '../../domain/record/decider.ts';
import { lookUp } from '../../domain/record/directory.ts';
import { recordFold } from '../../domain/record/fold.ts';
import { asSet } from '../../domain/sets.ts';
import { category, confidentiality, period, recordIndex, sensitivity } from '../../domain/terms.ts';
import { toBase64Url } from '../../kernel/base64.ts';
import { utf8 } from '../../kernel/bytes.ts';
import { Malformed } from '../../kernel/fault.ts';
import * as f from '../../kernel/field.ts';
import { type EventId, type Id16, residentStream } from '../../kernel/id.ts';
import { ContentDiffers } from '../../vault/faults.ts';
import type { StreamKeys } from '../../vault/port.ts';
import { actorRef, type Caller, type OfficerActor, type PractitionerActor } from '../actor.ts';
import type { Receipt, RegisterRecordInput } from '../api.ts';
import type { App } from '../app.ts';
import { type PartyStates, partyStates } from '../asker.ts';
import { sealNodeId } from '../gate/node-id.ts';
import { parseInput } from '../input.ts';
import type { Outcome } from '../outcome.ts';
import { transact } from '../transact.ts';
import { labelOfCode } from './resident-stream.ts';

/** A larger document belongs in an imaging archive, with a record here that points to it. */
export const MAX_CONTENT_BYTES = 16 * 1024 * 1024;
const RECORD_FOLDS = { identity: identityFold, record: recordFold } as const;

export type RecordActor = PractitionerActor | OfficerActor;

/** A record as anybody brings it, before the subject's keys have touched it. */
export interface GivenRecord {
  readonly index: RecordEntry['retained']['index'];
  readonly category: RecordEntry['retained']['category'];
  readonly custodian: Id16;
  readonly author?: Id16;
  readonly period: RecordEntry['retained']['period'];
  readonly type: string;
  readonly code?: { readonly system: string; readonly code: string };
  readonly title: string;
  readonly at: RecordEntry['personal']['at'];
  readonly sensitivities: RecordEntry['personal']['sensitivities'];
  readonly confidentiality: RecordEntry['personal']['confidentiality'];
  readonly sourceSystem: string;
  readonly sourceId: string;
  readonly mediaType: string;
  readonly content: Uint8Array;
}

/** The record as its event will say it: what is told in clear is told by marks under the subject's tag key. */
export function recordEntry(
  app: Pick<App, 'suite'>,
  keys: StreamKeys,
  given: GivenRecord,
  ids: { readonly recordId: Id16; readonly contentId: Id16 },
): RecordEntry {
  const source = keys.source(given.sourceSystem, given.type, given.sourceId);
  return {
    retained: {
      recordId: ids.recordId,
      index: given.index,
      category: given.category,
      custodian: given.custodian,
      ...(given.author === undefined ? {} : { author: given.author }),
      period: given.period,
      source: { source, version: keys.sourceVersion(source, given.content) },
      marks: asSet([...given.sensitivities, given.confidentiality].map((code) => keys.mark(code))),
    },
    personal: {
      type: given.type,
      ...(given.code === undefined ? {} : { code: given.code }),
      title: given.title,
      at: given.at,
      sensitivities: asSet(given.sensitivities),
      confidentiality: given.confidentiality,
      content: {
        id: ids.contentId,
        hash: toBase64Url(app.suite.hash(given.content)),
        mediaType: given.mediaType,
        size: given.content.length,
      },
      sourceSystem: given.sourceSystem,
      sourceId: given.sourceId,
    },
  };
}

const FIELDS = {
  code: f.text(128),
  index: recordIndex(),
  category: category(),
  period: period(),
  type: f.text(64),
  codeOfType: f.optional(f.object({ system: f.text(256), code: f.text(128) })),
  title: f.text(512),
  at: f.instant(),
  sensitivities: f.optional(f.list(sensitivity(), 8)),
  confidentiality: f.optional(confidentiality()),
  sourceSystem: f.text(256),
  sourceId: f.text(128),
  mediaType: f.pattern(/^[a-z]+\/[a-z0-9.+-]{1,100}$/, 'media-type'),
  content: f.text(MAX_CONTENT_BYTES),
} as const;

/** Whoever may not act at all hears so whatever the code is: asked after it was looked up, the answer would tell whether it is somebody's. */
function standingOf(actor: RecordActor, { practitioner, institution }: PartyStates) {
  return actor.role === 'practitioner' ? standing(practitioner, institution, actor.institution) : 'good';
}

/** That the record is another custodian's would tell that the resident has one from that source: it is as if there were none. */
function untold(decision: ReturnType<typeof recordDecider.decide>): ReturnType<typeof recordDecider.decide> {
  return decision.kind === 'refuse' && decision.code === 'not-custodian' ? refuse('no-such-record') : decision;
}

/** Registers a record for the resident behind a code, or a new version of one whose source is known. The asker's organisation is its custodian. */
export async function registerRecord(
  app: App,
  caller: Caller & { readonly actor: RecordActor },
  requestId: string,
  raw: RegisterRecordInput,
): Promise<Outcome<{ readonly record: string }>> {
  const { content: text, code, codeOfType, sensitivities, confidentiality: level, ...rest } = parseInput(FIELDS, raw);
  const { actor } = caller;
  const content = utf8(text);
  if (content.length > MAX_CONTENT_BYTES) throw new Malformed('input.content', 'more than 16 MiB');
  const author = actor.role === 'practitioner' && actor.registered ? { author: actor.id } : {};
  const given: GivenRecord = {
    ...rest,
    ...author,
    ...(codeOfType === undefined ? {} : { code: codeOfType }),
    custodian: actor.institution,
    sensitivities: sensitivities ?? [],
    confidentiality: level ?? 'N',
    content,
  };
  const ids = (event: EventId) => ({
    recordId: app.vault.derivedId(event, 'record'),
    contentId: app.vault.derivedId(event, 'content'),
  });
  return transact(app, {
    caller,
    operation: 'registerRecord',
    requestId,
    input: {
      ...rest,
      code,
      content: toBase64Url(app.suite.hash(content)),
      sensitivities: given.sensitivities,
      confidentiality: given.confidentiality,
    } as never,
    attempt: async (attempt) => {
      const asker = await partyStates(attempt, {
        practitioner: actor.role === 'practitioner' && actor.registered ? actor.id : undefined,
        institution: actor.institution,
      });
      const stands = standingOf(actor, asker);
      if (stands !== 'good') return stands;
      const label = await labelOfCode(app, code);
      if (label === undefined) return 'no-such-code';
      const stream = residentStream(label);
      const states = await attempt.load(stream, RECORD_FOLDS);
      const keys = await app.vault.keysOf(stream, attempt.now());
      const { recordId, contentId } = ids(attempt.eventId(0));
      const record = recordEntry(app, keys, given, { recordId, contentId });
      const decision = untold(
        recordDecider.decide({ type: 'register', record, by: actorRef(actor) }, { ...states, ...asker }),
      );
      return {
        stream,
        decision,
        before: async ([first]) => {
          if (first === undefined) return undefined;
          try {
            await app.contents.store([{ stream, eventId: first.id, contentId, bytes: content }]);
            return undefined;
          } catch (error) {
            // Another command's attempt under this requestId got as far as its content, and no further.
            if (error instanceof ContentDiffers) return 'request-id-reused';
            throw error;
          }
        },
        answer: () => ({
          record: sealNodeId(app, actor, lookUp(states.record.sources, record.retained.source.source) ?? recordId),
        }),
      };
    },
    replay: ([first]) => {
      const retained = (first as { retained: { recordId: Id16 } | 'expired' }).retained;
      const { recordId } = retained === 'expired' ? ids((first as { id: EventId }).id) : retained;
      return { record: sealNodeId(app, actor, recordId) };
    },
  });
}

/** Withdraws a record by its source; its custodian's to do. */
export async function withdrawRecord(
  app: App,
  caller: Caller & { readonly actor: RecordActor },
  requestId: string,
  raw: unknown,
): Promise<Outcome<Receipt>> {
  const input = parseInput(
    {
      code: f.text(128),
      sourceSystem: f.text(256),
      type: f.text(64),
      sourceId: f.text(128),
      reason: f.oneOf('entered-in-error', 'wrong-subject', 'superseded', 'custodian'),
    },
    raw,
  );
  const { actor } = caller;
  return transact<Receipt>(app, {
    caller,
    operation: 'withdrawRecord',
    requestId,
    input,
    attempt: async (attempt) => {
      const asker = await partyStates(attempt, {
        practitioner: actor.role === 'practitioner' && actor.registered ? actor.id : undefined,
        institution: actor.institution,
      });
      const stands = standingOf(actor, asker);
      if (stands !== 'good') return stands;
      const label = await labelOfCode(app, input.code);
      if (label === undefined) return 'no-such-code';
      const stream = residentStream(label);
      const states = await attempt.load(stream, RECORD_FOLDS);
      const keys = await app.vault.keysOf(stream, attempt.now());
      const recordId = lookUp(states.record.sources, keys.source(input.sourceSystem, input.type, input.sourceId));
      if (recordId === undefined) return 'no-such-record';
      const decision = untold(
        recordDecider.decide(
          { type: 'withdraw', recordId, reason: input.reason, by: actorRef(actor) },
          { ...states, ...asker },
        ),
      );
      return { stream, decision, answer: ([event]) => (event === undefined ? {} : { event }) };
    },
    replay: ([first]) => ({ event: (first as { id: string }).id }),
  });
}
