import { decideLogRead } from '../../domain/access/decide-log-read.ts';
import { identityFold } from '../../domain/identity/fold.ts';
import { purpose } from '../../domain/terms.ts';
import * as f from '../../kernel/field.ts';
import {
  institutionStream,
  isId16,
  isLabel,
  kindOf,
  type Label,
  practitionerStream,
  residentStream,
  type StreamName,
  subjectOf,
} from '../../kernel/id.ts';
import { LedgerBusy } from '../../ledger/faults.ts';
import type { Seen } from '../../ledger/port.ts';
import type { TrailFilter } from '../../reads/gated/trail.ts';
import { actorRef, actorStream, type Caller, type OfficerActor, type ResidentActor } from '../actor.ts';
import type { Paging, TrailFilterInput, TrailPage } from '../api.ts';
import { labelOfCode } from '../commands/resident-stream.ts';
import { PAGING, parseInput } from '../input.ts';
import { done, type Outcome, refusal } from '../outcome.ts';
import { eventOf, missed } from './access.ts';
import { appendRead } from './append-read.ts';
import { type CursorPayload, cursorBinding, FIRST_PAGE, openCursor, sealCursor } from './cursor.ts';
import { loadAsker } from './decide.ts';
import type { GateApp } from './gate-app.ts';
import { asQuery, firstOf } from './record-input.ts';
import { retrying } from './retry.ts';
import { commitToTrail } from './served.ts';
import { openEntries } from './trail-entries.ts';

/** A trail shows everything that was durable when it was asked for; read tables get this long to catch up. */
const PROJECTION_WAIT_MS = 2_000;

const PERIOD = { from: f.optional(f.instant()), until: f.optional(f.instant()) } as const;
const ACTOR_ID = f.pattern(/^[A-Za-z0-9_-]{22}(?:[A-Za-z0-9_-]{21})?$/, 'actor-id');

/** Resident: who read what of mine and why. Reading it is recorded too. */
export async function myAccessLog(
  app: GateApp,
  caller: Caller & { readonly actor: ResidentActor },
  raw: { readonly from?: string; readonly until?: string } & Paging,
): Promise<Outcome<TrailPage>> {
  const { first, after, ...period } = parseInput({ ...PERIOD, ...PAGING }, raw);
  const { label } = caller.actor;
  const about = { stream: residentStream(label), label, filter: { label, ...period } };
  return retrying(app, caller, () => trail(app, caller, about, { first, after }));
}

/** Regulator: trails, by any of the filters together; recorded where they are about (ledger.md §5). */
export async function readTrail(
  app: GateApp,
  caller: Caller & { readonly actor: OfficerActor },
  raw: TrailFilterInput & Paging,
): Promise<Outcome<TrailPage>> {
  const input = parseInput(
    {
      code: f.optional(f.text(128)),
      person: f.optional(ACTOR_ID),
      organisation: f.optional(f.id16()),
      purpose: f.optional(purpose()),
      trace: f.optional(f.pattern(/^[A-Za-z0-9._-]{8,64}$/, 'request-id')),
      ...PERIOD,
      ...PAGING,
    },
    raw,
  );
  const { first, after, code, person, ...rest } = input;
  const label = code === undefined ? undefined : await labelOfCode(app, code);
  if (code !== undefined && label === undefined) {
    return retrying(app, caller, () => missed(app, caller, input.purpose ?? 'HOPERAT', { what: 'access-log' }));
  }
  const filter: TrailFilter = {
    ...rest,
    ...(person === undefined ? {} : { actor: person }),
    ...(label === undefined ? {} : { label }),
  };
  const stream = await streamOf(app, caller, filter);
  const about = { stream, label: kindOf(stream) === 'resident' ? (subjectOf(stream) as Label) : undefined, filter };
  return retrying(app, caller, () => trail(app, caller, about, { first, after }));
}

/** The stream of the one resident (as subject or as asker), practitioner or organisation that the trail is about, else that of the asker's organisation. */
async function streamOf(
  app: GateApp,
  caller: Caller,
  { label, actor, organisation }: TrailFilter,
): Promise<StreamName> {
  if (label !== undefined) return residentStream(label);
  const candidates = [
    ...(actor !== undefined && isId16(actor) ? [practitionerStream(actor)] : []),
    ...(actor !== undefined && isLabel(actor) ? [residentStream(actor)] : []),
    ...(organisation === undefined ? [] : [institutionStream(organisation)]),
  ];
  // Nothing is written to a stream that nobody has: a filter may name anything.
  for (const stream of candidates) if ((await app.ledger.head(stream)) !== undefined) return stream;
  return actorStream(caller.actor);
}

interface About {
  readonly stream: StreamName;
  /** The resident whose stream that is. */
  readonly label: Label | undefined;
  readonly filter: TrailFilter;
}

async function trail(
  app: GateApp,
  caller: Caller,
  { stream, label, filter }: About,
  paging: { readonly first: number | undefined; readonly after: string | undefined },
): Promise<Outcome<TrailPage>> {
  const [asker, resident] = await app.probe.phase('decide', caller.span, () =>
    Promise.all([
      loadAsker(app, caller),
      label === undefined
        ? undefined
        : app.states.load(residentStream(label), { identity: identityFold }, caller.trace),
    ]),
  );
  const seen: Seen[] = [...asker.seen];
  if (resident !== undefined)
    seen.push({ stream: resident.stream, revision: resident.revision, kinds: ['erasure.', 'identity.'] });
  const decided = app.clock.now();
  const decision = decideLogRead(
    { identity: resident?.state.identity ?? identityFold.initialState, institution: asker.states.institution },
    { actor: actorRef(caller.actor), ...(label === undefined ? {} : { resident: label }) },
  );

  const binding = cursorBinding(caller.actor, 'trail', asQuery(filter));
  const cursor = paging.after === undefined ? FIRST_PAGE : openCursor(app, binding, paging.after);
  if (decision.outcome === 'denied' || cursor === 'bad') {
    const rule = decision.outcome === 'denied' ? decision.rule : 'not-covered';
    const why = caller.actor.role === 'resident' ? 'PATRQT' : (filter.purpose ?? 'HOPERAT');
    const event = {
      type: 'access.denied@1',
      retained: { purpose: why, selection: { what: 'access-log' }, rule },
      personal: {},
    } as const;
    await appendRead(app, caller, stream, event, { seen, decided, until: [] });
    return refusal('not-available');
  }

  const first = firstOf(paging.first === undefined ? {} : { first: paging.first });
  const plan = await app.probe.phase('plan', caller.span, async () => {
    const end = await app.ledger.end();
    if (end !== undefined && !(await app.projected.waitFor(end, PROJECTION_WAIT_MS)))
      throw new LedgerBusy(PROJECTION_WAIT_MS);
    return app.gated.planTrail({
      filter,
      first,
      ...('key' in cursor ? { after: cursor.key as [string, string] } : {}),
    });
  });
  const { served, salt } = commitToTrail(app, plan.items, plan.matched);
  const { label: resident1, actor: person, ...others } = filter;
  const event = {
    type: 'access.log-read@1',
    retained: {
      filter: {
        ...others,
        ...(resident1 === undefined ? {} : { resident: resident1 }),
        ...(person === undefined ? {} : { person }),
      },
      basis: decision.basis,
      page: cursor.page,
      served,
      salt,
    },
    personal: {},
  } as const;
  const appended = await appendRead(app, caller, stream, event, { seen, decided, until: [] });

  const next = (key: readonly string[]): CursorPayload => ({ page: cursor.page + 1, key });
  const shownIds = plan.items.map(({ eventId }) => eventId);
  const entries = await app.probe.phase('open', caller.span, () => openEntries(app, shownIds));
  const keys = new Map(plan.items.map((item) => [item.eventId as string, item.sortKey]));
  const shown = entries.map((entry) => ({
    ...entry,
    cursor: sealCursor(app, binding, next(keys.get(entry.event) ?? [])),
  }));
  return done({
    event: eventOf(appended),
    entries: shown,
    total: plan.matched,
    hasNextPage: plan.hasNext,
    endCursor: shown.at(-1)?.cursor ?? null,
  });
}
