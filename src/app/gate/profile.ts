import type { identityDocumentLinked, identityRegistered } from '../../domain/identity/events.ts';
import type { PersonalOf } from '../../kernel/event.ts';
import type { Caller, ResidentActor } from '../actor.ts';
import type { Profile } from '../api.ts';
import type { Outcome } from '../outcome.ts';
import { access, eventOf, type Plan } from './access.ts';
import type { GateApp } from './gate-app.ts';
import { labelOf } from './records.ts';

/** Resident: own demographics, as registered and with the documents linked since. */
export async function myProfile(
  app: GateApp,
  caller: Caller & { readonly actor: ResidentActor },
): Promise<Outcome<Profile>> {
  return access<Plan, Profile>(app, {
    caller,
    target: { self: caller.actor.label },
    purpose: 'PATRQT',
    selection: { what: 'demographics' },
    part: 1,
    mustFind: false,
    // Demographics are no record: the event says what was read, and there is nothing to count.
    plan: async () => ({ items: [], matched: 0 }),
    open: async (_plan, appended, { stream }) => {
      const label = labelOf(stream);
      const [row, linked] = await Promise.all([app.gated.resident(label), app.gated.residentDocuments(label)]);
      if (row?.personal === undefined) return undefined;
      const more = linked.flatMap(({ personal }) => (personal === undefined ? [] : [personal]));
      const [first, ...later] = await app.openPersonal([row.personal, ...more]);
      if (first === undefined || first === 'erased') return undefined;
      const said = first as PersonalOf<typeof identityRegistered>;
      const documents = later.flatMap((part) =>
        part === 'erased' ? [] : ((part as Partial<PersonalOf<typeof identityDocumentLinked>>).documents ?? []),
      );
      return {
        event: eventOf(appended),
        region: row.region,
        name: said.name,
        sex: said.sex ?? null,
        birthDate: said.birthDate ?? null,
        phone: said.phone ?? null,
        address: said.address ?? null,
        documents: [...said.documents, ...documents],
      };
    },
  });
}
