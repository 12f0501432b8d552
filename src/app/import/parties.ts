import { type InstitutionDraft, type PartyKey, type PractitionerDraft, partyKeyText } from '../../fhir/draft.ts';
import type { Id16 } from '../../kernel/id.ts';
import type { Caller } from '../actor.ts';
import type { App } from '../app.ts';
import { institutionClaim, practitionerClaim } from '../claim-refs.ts';
import { institutionCommands } from '../commands/institution.ts';
import { practitionerCommands } from '../commands/practitioner.ts';
import type { Outcome } from '../outcome.ts';
import { inParallel } from './in-parallel.ts';

/** What importing one party did; `left` names the refusal. */
export type PartyImport = { readonly kind: 'taken' | 'known' } | { readonly kind: 'left'; readonly reason: string };

export interface PartyIds {
  institution(key: PartyKey): Id16 | undefined;
  practitioner(key: PartyKey): Id16 | undefined;
}

/** So many appends are under way at once; the engine gathers them into groups. */
const PARALLEL = 16;

/**
 * Registers organisations, then practitioners, one append each; known ones get what they lack. What was there before stays.
 * `onDone` is told the key's text and what became of it.
 */
export async function importParties(
  app: App,
  caller: Caller,
  parties: { readonly institutions: readonly InstitutionDraft[]; readonly practitioners: readonly PractitionerDraft[] },
  onDone: (kind: 'institution' | 'practitioner', key: string, result: PartyImport) => void,
): Promise<PartyIds> {
  const institutions = new Map<string, Id16>();
  const practitioners = new Map<string, Id16>();
  await inParallel(parties.institutions, PARALLEL, async ({ key, ...draft }) => {
    const { id, result } = await one(app, institutionClaim(key), () =>
      institutionCommands.register(app, caller, undefined, draft),
    );
    if (id !== undefined) institutions.set(partyKeyText(key), id);
    onDone('institution', partyKeyText(key), result);
  });
  await inParallel(parties.practitioners, PARALLEL, async ({ key, affiliations, ...draft }) => {
    const where = affiliations.flatMap((organisation) => institutions.get(partyKeyText(organisation)) ?? []);
    const { id, result } = await one(app, practitionerClaim(key), () =>
      practitionerCommands.register(app, caller, undefined, { ...draft, affiliations: where }),
    );
    if (id !== undefined) practitioners.set(partyKeyText(key), id);
    onDone('practitioner', partyKeyText(key), result);
  });
  return {
    institution: (key) => institutions.get(partyKeyText(key)),
    practitioner: (key) => practitioners.get(partyKeyText(key)),
  };
}

async function one(
  app: App,
  claim: ReturnType<typeof institutionClaim>,
  register: () => Promise<Outcome<{ readonly id: Id16 }>>,
): Promise<{ id: Id16 | undefined; result: PartyImport }> {
  const [before] = await app.claims.lookup([claim]);
  const outcome = await register();
  if (outcome.kind === 'refusal')
    return { id: before as Id16 | undefined, result: { kind: 'left', reason: outcome.code } };
  return { id: outcome.value.id, result: { kind: before === undefined ? 'taken' : 'known' } };
}
