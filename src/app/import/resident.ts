import type { AnyNewEvent } from '../../domain/catalogue.ts';
import { codeDecider } from '../../domain/code/decider.ts';
import { accept } from '../../domain/decider.ts';
import { identityDecider } from '../../domain/identity/decider.ts';
import { importOutcomes, type RecordOutcome } from '../../domain/record/decider.ts';
import { recordFold } from '../../domain/record/fold.ts';
import type { RecordDraft, ResidentDraft } from '../../fhir/draft.ts';
import { type EventId, type Id16, residentStream, type StreamName, toId16, toLabel } from '../../kernel/id.ts';
import { actorRef, type Caller } from '../actor.ts';
import type { App } from '../app.ts';
import { codeClaim, documentClaim, withIssuer } from '../claim-refs.ts';
import { recordEntry } from '../commands/record.ts';
import { labelBehind, RESIDENT_FOLDS, shown } from '../commands/register-resident.ts';
import { newCode } from '../commands/resident-stream.ts';
import { foldNew } from '../fold-new.ts';
import { transact } from '../transact.ts';
import type { PartyIds } from './parties.ts';

/** Records decided in one append: with identity, code and death it stays below the port's 1,024 events, and far below its bytes. */
const CHUNK = 900;
const FOLDS = { ...RESIDENT_FOLDS, record: recordFold } as const;

export interface ResidentToImport {
  readonly draft: ResidentDraft;
  readonly records: readonly RecordDraft[];
  /** The code that a new person is given; absent: a random one. Invented people have invented codes, so that a second run finds them. */
  readonly code?: string;
}

export type RecordImport = { readonly kind: 'taken' | 'known' } | { readonly kind: 'left'; readonly reason: string };

export interface ResidentImported {
  /** `merged`: a known person of whom something new was said. */
  readonly person: { readonly kind: 'taken' | 'known' | 'merged' } | { readonly kind: 'left'; readonly reason: string };
  /** One outcome a record, in order; all left when the person is. */
  readonly records: readonly RecordImport[];
  readonly stream: StreamName | undefined;
  /** The code issued now, for a person who was new. */
  readonly code: string | undefined;
}

/**
 * Brings one resident in: identity, code, records and death in one atomic append up to the port's limit, beyond it in chunks decided
 * one after the other. Contents are stored before the append that names them. What the ledger knows already leaves no event,
 * whoever imports at the same time: two importers meet at the append's condition, and the loser decides again.
 */
export async function importResident(
  app: App,
  caller: Caller,
  resident: ResidentToImport,
  parties: PartyIds,
): Promise<ResidentImported> {
  const records: RecordImport[] = [];
  let person: ResidentImported['person'] = { kind: 'known' };
  let stream: StreamName | undefined;
  let code: string | undefined;
  let from = 0;
  do {
    const chunk = resident.records.slice(from, from + CHUNK);
    const last = from + CHUNK >= resident.records.length;
    const outcome = await appendChunk(app, caller, resident, chunk, parties, last);
    if (outcome.kind === 'refusal') {
      const left = { kind: 'left', reason: outcome.code } as const;
      const rest = resident.records.slice(from).map(() => ({ kind: 'left', reason: 'subject-left' }) as const);
      return { person: from === 0 ? left : person, records: [...records, ...rest], stream, code };
    }
    const done = outcome.value;
    if (person.kind === 'known') person = done.person;
    stream = done.stream;
    code ??= done.code;
    records.push(...done.records);
    from += CHUNK;
  } while (from < resident.records.length);
  return { person, records, stream, code };
}

interface ChunkDone {
  readonly person: { readonly kind: 'taken' | 'known' | 'merged' };
  readonly records: readonly RecordImport[];
  readonly stream: StreamName;
  readonly code: string | undefined;
}

async function appendChunk(
  app: App,
  caller: Caller,
  { draft, code }: ResidentToImport,
  chunk: readonly RecordDraft[],
  parties: PartyIds,
  last: boolean,
) {
  const documents = draft.documents.map((document, i) => withIssuer(document, `documents[${i}]`));
  const fresh = code ?? newCode(app.entropy.bytes(32));
  const newLabel = toLabel(app.entropy.bytes(32));
  return transact<ChunkDone>(app, {
    caller,
    operation: 'import',
    input: {},
    attempt: async (attempt) => {
      const label = await labelBehind(app, { documents }, newLabel);
      if (label === undefined) return 'document-conflict';
      const stream = residentStream(label);
      // Of this attempt: after a conflict the events may be others, and a content belongs to the event whose id it was stored under.
      const ids = chunk.map(() => ({ recordId: newId(app), contentId: newId(app) }));
      const states = await attempt.load(stream, FOLDS);
      const now = attempt.now();
      const keys = await app.vault.keysOf(stream, now);

      const fed = identityDecider.decide(
        {
          type: 'feed',
          region: draft.region ?? app.region,
          person: personOf(draft),
          documents: shown(keys, documents),
        },
        states,
      );
      if (fed.kind === 'refuse') return fed.code;
      const events: AnyNewEvent[] = [...fed.events];
      const isNew = states.identity.status === 'unregistered';
      let then = foldNew(FOLDS, states, fed.events, now);
      if (isNew) {
        const issued = codeDecider.decide({ type: 'issue', codeRef: keys.codeRef(fresh), code: fresh }, then);
        if (issued.kind === 'refuse') return issued.code;
        events.push(...issued.events);
        then = foldNew(FOLDS, then, issued.events, now);
      }

      const entries = chunk.map((record, i) => {
        const custodian = parties.institution(record.custodian);
        if (custodian === undefined) return undefined;
        const author = record.author === undefined ? undefined : parties.practitioner(record.author);
        const { id, author: _named, custodian: _system, ...rest } = record;
        const given = { ...rest, sourceId: id, custodian, ...(author === undefined ? {} : { author }) };
        return recordEntry(app, keys, given, ids[i] as { recordId: Id16; contentId: Id16 });
      });
      const known = entries.flatMap((entry) => entry ?? []);
      const outcomes = importOutcomes({ type: 'import', records: known, by: actorRef(caller.actor) }, then.record);
      const contents = new Map<string, Uint8Array>();
      let at = 0;
      const results = entries.map((entry, i): RecordImport => {
        if (entry === undefined) return { kind: 'left', reason: 'custodian-not-registered' };
        const outcome = outcomes[at++] as RecordOutcome;
        if (outcome.kind === 'left') return { kind: 'left', reason: outcome.code };
        if (outcome.kind === 'known') return { kind: 'known' };
        events.push(outcome.event);
        contents.set((ids[i] as { contentId: Id16 }).contentId, (chunk[i] as RecordDraft).content);
        return { kind: 'taken' };
      });

      if (last && draft.deceased !== undefined) {
        const { at: deceasedAt } = draft.deceased;
        const died = identityDecider.decide(
          {
            type: 'report-death',
            now,
            source: draft.sourceSystem,
            ...(deceasedAt === undefined ? {} : { deceasedAt }),
          },
          then,
        );
        if (died.kind === 'refuse') return died.code;
        events.push(...died.events);
      }
      const person = isNew ? 'taken' : fed.events.length > 0 ? 'merged' : 'known';
      return {
        stream,
        decision: accept(...events),
        before: async (sealed) => {
          // Documents and code together, or none. If the process stops after it, the label's stream is empty, and the next import of
          // this person goes on with it.
          const claims = [...documents.map(documentClaim), ...(isNew ? [codeClaim(fresh)] : [])];
          if ((await app.claims.take(claims, label, { onlyProposed: true })) === 'conflict') return 'again';
          // If it stops after this, contents stand without an event: the sweep takes them.
          await app.contents.store(contentsOf(stream, sealed, contents));
          return undefined;
        },
        answer: () => ({ person: { kind: person }, records: results, stream, code: isNew ? fresh : undefined }),
      };
    },
    replay: () => {
      throw new Error('an import has no requestId to be replayed under');
    },
  });
}

function newId(app: App): Id16 {
  return toId16(app.entropy.bytes(16));
}

function personOf(draft: ResidentDraft) {
  const { name, sex, birthDate, phone, address } = draft;
  return {
    name,
    ...(sex === undefined ? {} : { sex }),
    ...(birthDate === undefined ? {} : { birthDate }),
    ...(phone === undefined ? {} : { phone }),
    ...(address === undefined ? {} : { address }),
  };
}

/** The bytes that each event names, to be stored under that event's id. */
function contentsOf(
  stream: StreamName,
  events: readonly { readonly id: EventId; readonly event: AnyNewEvent }[],
  contents: ReadonlyMap<string, Uint8Array>,
) {
  return events.flatMap(({ id, event }) => {
    if (event.type !== 'record.registered@1' && event.type !== 'record.replaced@1') return [];
    const contentId = event.personal.content.id;
    const bytes = contents.get(contentId);
    return bytes === undefined ? [] : [{ stream, eventId: id, contentId, bytes }];
  });
}
