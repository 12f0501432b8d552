import { institutionFold } from '../domain/institution/fold.ts';
import type { InstitutionState } from '../domain/institution/terms.ts';
import { practitionerFold } from '../domain/practitioner/fold.ts';
import type { PractitionerState } from '../domain/practitioner/terms.ts';
import { type Id16, institutionStream, practitionerStream } from '../kernel/id.ts';
import type { Attempt } from './transact.ts';

export interface PartyStates {
  readonly practitioner: PractitionerState;
  readonly institution: InstitutionState;
}

/** How a practitioner and an organisation stand now: of the asker, or of a grantee. Whoever is not named is as if unregistered. */
export async function partyStates(
  attempt: Pick<Attempt, 'load'>,
  who: { readonly practitioner?: Id16 | undefined; readonly institution?: Id16 | undefined },
): Promise<PartyStates> {
  const [practitioner, institution] = await Promise.all([
    who.practitioner === undefined
      ? practitionerFold.initialState
      : attempt
          .load(practitionerStream(who.practitioner), { practitioner: practitionerFold })
          .then((s) => s.practitioner),
    who.institution === undefined
      ? institutionFold.initialState
      : attempt.load(institutionStream(who.institution), { institution: institutionFold }).then((s) => s.institution),
  ]);
  return { practitioner, institution };
}
