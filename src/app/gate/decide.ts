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
import { type Actor, actorRef } from '../actor.ts';
import type { App } from '../app.ts';

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

/** How the asker stands, from the streams of the asker and of the token's organisation, and what was seen there. */
export async function loadAsker(app: App, actor: Actor) {
  const seen: Seen[] = [];
  const practitioner = actor.role === 'practitioner' && actor.registered ? practitionerStream(actor.id) : undefined;
  const institution = actor.role === 'resident' ? undefined : institutionStream(actor.institution);
  const [asPractitioner, asInstitution, ledger] = await Promise.all([
    practitioner && app.states.load(practitioner, { practitioner: practitionerFold }),
    institution && app.states.load(institution, { institution: institutionFold }),
    app.states.load(ledgerStream(app.region), { policy: policyFold }),
  ]);
  for (const loaded of [asPractitioner, asInstitution]) {
    if (loaded !== undefined) seen.push({ stream: loaded.stream, revision: loaded.revision, kinds: READ_GUARDS.actor });
  }
  seen.push({ stream: ledger.stream, revision: ledger.revision, kinds: READ_GUARDS.ledger });
  return {
    seen,
    states: {
      practitioner: asPractitioner?.state.practitioner ?? practitionerFold.initialState,
      institution: asInstitution?.state.institution ?? institutionFold.initialState,
      policy: ledger.state.policy,
    },
  };
}

/** Loads what an access to one resident turns on, and decides it. Appends nothing, opens nothing personal. */
export async function decideFor(
  app: App,
  actor: Actor,
  asked: { readonly label: Label; readonly code?: string; readonly purpose: Purpose; readonly selection: Selection },
): Promise<Decided> {
  const stream = residentStream(asked.label);
  const [asker, resident] = await Promise.all([loadAsker(app, actor), app.states.load(stream, RESIDENT)]);
  const decided = app.clock.now();
  const keys = await app.vault.keysOf(stream, decided);
  const states: AccessStates = { ...resident.state, ...asker.states };
  const decision = decideAccess(
    states,
    {
      actor: actorRef(actor),
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
