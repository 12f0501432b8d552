import { type InstitutionDraft, type PartyKey, type PractitionerDraft, partyKeyText } from './draft.ts';
import { present } from './element.ts';

/** What the events hold of each list, at most. */
const MAX_IDENTIFIERS = 16;
const MAX_AFFILIATIONS = 64;

export interface Merged<T> {
  /** All that was known, and what the incoming one adds. */
  readonly draft: T;
  /** Fields that were missing or, for lists, grew. Empty: nothing new was said. */
  readonly added: readonly (keyof T)[];
}

/** The first one wins: fields that it lacks may be added, none is changed or taken away. */
export function mergeInstitution(known: InstitutionDraft, incoming: InstitutionDraft): Merged<InstitutionDraft> {
  return merged<InstitutionDraft>(known, {
    ...incoming,
    ...known,
    identifiers: union(known.identifiers, incoming.identifiers, MAX_IDENTIFIERS),
  });
}

/** As above; affiliations add up. */
export function mergePractitioner(known: PractitionerDraft, incoming: PractitionerDraft): Merged<PractitionerDraft> {
  return merged<PractitionerDraft>(known, {
    ...incoming,
    ...known,
    identifiers: union(known.identifiers, incoming.identifiers, MAX_IDENTIFIERS),
    affiliations: union(known.affiliations, incoming.affiliations, MAX_AFFILIATIONS),
  });
}

function merged<T extends object>(known: T, draft: T): Merged<T> {
  const added = (Object.keys(draft) as (keyof T)[]).filter((field) => {
    const [before, after] = [known[field], draft[field]];
    return Array.isArray(after) && Array.isArray(before) ? after.length > before.length : before === undefined;
  });
  return { draft: present<T>(draft) as T, added };
}

function union(known: readonly PartyKey[], incoming: readonly PartyKey[], max: number): readonly PartyKey[] {
  const has = new Set(known.map(partyKeyText));
  const added = incoming.filter((key) => !has.has(partyKeyText(key)));
  return [...known, ...added.slice(0, Math.max(0, max - known.length))];
}
