import { type AccessDecision, type AccessStates, decideAccess } from '../../domain/access/decide-access.ts';
import type { Selection } from '../../domain/access/events.ts';
import { codeFold } from '../../domain/code/fold.ts';
import { consentFold } from '../../domain/consent/fold.ts';
import { READ_GUARDS } from '../../domain/guards.ts';
import { identityFold } from '../../domain/identity/fold.ts';
import { institutionFold } from '../../domain/institution/fold.ts';
import { policyFold } from '../../domain/ledger/policy.ts';
import { practitionerFold } from '../../domain/practitioner/fold.ts';
import { custodiansFold } from '../../domain/record/custodians.ts';
import { shelfFold } from '../../domain/record/shelf.ts';
import type { Purpose } from '../../domain/terms.ts';
import {
  institutionStream,
  type Label,
  ledgerStream,
  practitionerStream,
  residentStream,
  type StreamName,
} from '../../kernel/id.ts';
import type { Instant } from '../../kernel/instant.ts';
import type { Position, Seen } from '../../ledger/port.ts';
import type { StreamKeys } from '../../vault/port.ts';
import { type Actor, actorRef, type Caller } from '../actor.ts';
import type { App } from '../app.ts';
import type { AnyFold, Loaded } from '../states.ts';

const RESIDENT = {
  identity: identityFold,
  code: codeFold,
  consent: consentFold,
  custodians: custodiansFold,
  shelf: shelfFold,
} as const;

/** A decision, with everything that the append and the plan need of how it was made. */
export interface Decided {
  readonly decision: AccessDecision;
  readonly stream: StreamName;
  readonly keys: StreamKeys;
  readonly seen: readonly Seen[];
  readonly decided: Instant;
  /** The hash of the policy in force. */
  readonly policy: string | undefined;
  /** Read tables must have applied this before a plan is made on them; undefined when nothing can be opened yet. */
  readonly shelf: Position | undefined;
}

/** The streams that tell how the asker stands: of the practitioner, of the token's organisation, and the region's policy. */
function askerWants(app: App, actor: Actor) {
  const practitioner = actor.role === 'practitioner' && actor.registered ? [practitionerStream(actor.id)] : [];
  const institution = actor.role === 'resident' ? [] : [institutionStream(actor.institution)];
  return [
    { stream: ledgerStream(app.region), folds: { policy: policyFold } },
    ...practitioner.map((stream) => ({ stream, folds: { practitioner: practitionerFold } })),
    ...institution.map((stream) => ({ stream, folds: { institution: institutionFold } })),
  ];
}

interface Asker {
  readonly seen: readonly Seen[];
  readonly states: Pick<AccessStates, 'practitioner' | 'institution' | 'policy'>;
}

/** What was loaded of the asker's streams; whoever has no such stream is as if unregistered. */
function askerOf(loaded: readonly Loaded<Record<string, AnyFold>>[]): Asker {
  const [ledger, ...own] = loaded as [(typeof loaded)[number], ...typeof loaded];
  return {
    seen: [
      ...own.map(({ stream, revision }) => ({ stream, revision, kinds: READ_GUARDS.actor })),
      { stream: ledger.stream, revision: ledger.revision, kinds: READ_GUARDS.ledger },
    ],
    states: Object.assign(
      { practitioner: practitionerFold.initialState, institution: institutionFold.initialState },
      ...loaded.map(({ state }) => state),
    ) as Asker['states'],
  };
}

export async function loadAsker(app: App, { actor, trace }: Pick<Caller, 'actor' | 'trace'>): Promise<Asker> {
  return askerOf(await app.states.loadAll(askerWants(app, actor), trace));
}

/** Loads what an access to one resident turns on, and decides it. Appends nothing, opens nothing personal. */
export async function decideFor(
  app: App,
  caller: Pick<Caller, 'actor' | 'trace'>,
  asked: { readonly label: Label; readonly code?: string; readonly purpose: Purpose; readonly selection: Selection },
): Promise<Decided> {
  const stream = residentStream(asked.label);
  const [resident, ...others] = await app.states.loadAll(
    [{ stream, folds: RESIDENT }, ...askerWants(app, caller.actor)],
    caller.trace,
  );
  const asker = askerOf(others);
  const decided = app.clock.now();
  const keys = await app.vault.keysOf(stream, decided);
  const states: AccessStates = { ...resident.state, ...asker.states };
  const decision = decideAccess(
    states,
    {
      actor: actorRef(caller.actor),
      resident: asked.label,
      purpose: asked.purpose,
      selection: asked.selection,
      ...(asked.code === undefined ? {} : { codeRef: keys.codeRef(asked.code) }),
    },
    decided,
  );
  return {
    decision,
    stream,
    keys,
    seen: [{ stream, revision: resident.revision, kinds: READ_GUARDS.resident }, ...asker.seen],
    decided,
    policy: states.policy.adopted?.hash,
    shelf: resident.positions.shelf,
  };
}
