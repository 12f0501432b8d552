import { ROLES } from '../../app/roles.ts';
import { institutionDecider } from '../../domain/institution/decider.ts';
import type { Contacts, InstitutionProfile } from '../../domain/institution/terms.ts';
import { practitionerDecider } from '../../domain/practitioner/decider.ts';
import type { PractitionerProfile } from '../../domain/practitioner/terms.ts';
import type { Case, Judge, KnownOf } from './append.ts';
import { ownFields } from './append.ts';
import { compareDecision } from './compare-events.ts';
import type { Flaw } from './difference.ts';
import { checkGuards } from './guards.ts';

type InstitutionEvent =
  | KnownOf<'institution.registered@1'>
  | KnownOf<'institution.changed@1'>
  | KnownOf<'institution.ended@1'>;
type PractitionerEvent =
  | KnownOf<'practitioner.registered@1'>
  | KnownOf<'practitioner.changed@1'>
  | KnownOf<'practitioner.ended@1'>;

/** An organisation or a practitioner registered, changed or ended. */
export const judgeParty: Judge = (of) => {
  const [event] = of.append.events as unknown as readonly [InstitutionEvent | PractitionerEvent];
  const { by } = event.retained;
  const isInstitution = event.type.startsWith('institution.');
  const unguarded = checkGuards(of, [
    { stream: event.stream, kinds: [isInstitution ? 'institution.' : 'practitioner.'] },
  ]);
  if (unguarded.length > 0) return unguarded;
  const tries = commandsOf(event).flatMap((command) => {
    const name = isInstitution ? 'Institution' : 'Practitioner';
    const may = [...ROLES[`${command.type}${name}`], ...(command.type === 'register' ? ['system' as const] : [])];
    return may.includes(by.kind) ? [judged(of, command, isInstitution)] : [];
  });
  const recorded = `${by.kind} ${event.type}`;
  if (tries.length === 0) return [{ kind: 'actor', recorded, follows: 'no such command' }];
  return tries.find((flaws) => flaws.length === 0) ?? tries[0] ?? [];
};

type Command =
  | { readonly type: 'register'; readonly profile: object; readonly contacts: Contacts }
  | { readonly type: 'change'; readonly profile: object; readonly contacts?: Contacts }
  | { readonly type: 'end'; readonly reason: string };

/** Contacts are personal; that some were given is all that a decider says of them. */
const SOME: Contacts = { phone: '-' };

/** The commands that this event can be the answer to: what a file adds to a known party is a change too. */
function commandsOf(event: InstitutionEvent | PractitionerEvent): readonly Command[] {
  if (event.type === 'institution.ended@1' || event.type === 'practitioner.ended@1') {
    return [{ type: 'end', reason: event.retained.reason }];
  }
  const { contacts, ...profile } = ownFields(event.retained);
  const given = contacts === 'given' ? SOME : {};
  const register = { type: 'register', profile, contacts: given } as const;
  if (event.type === 'institution.registered@1' || event.type === 'practitioner.registered@1') return [register];
  return [{ type: 'change', profile, ...(contacts === 'kept' ? {} : { contacts: given }) }, register];
}

function judged(of: Case, command: Command, isInstitution: boolean): readonly Flaw[] {
  if (command.type !== 'end') of.note('contacts');
  const states = of.states.of(of.append.stream);
  return compareDecision(
    of.append,
    isInstitution
      ? institutionDecider.decide(command as Command & { readonly profile: InstitutionProfile }, states)
      : practitionerDecider.decide(command as Command & { readonly profile: PractitionerProfile }, states),
  );
}
