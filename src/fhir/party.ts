import type { InstitutionDraft, PartyKey, PractitionerDraft } from './draft.ts';
import { exactText, type JsonObject, objectsAt, present, textAt, textsAt, tidyText } from './element.ts';
import { addressOf, conceptText, namesOf, phoneOf } from './human.ts';

/** Identifiers an event holds, at most. */
const MAX_IDENTIFIERS = 16;

/**
 * The number by which an organisation or practitioner is found again. With several, the official one, then the first in
 * text order: the same whatever the order in the file.
 */
export function partyKeyOf(resource: JsonObject): PartyKey | undefined {
  return identifiersOf(resource)[0];
}

function identifiersOf(resource: JsonObject): readonly PartyKey[] {
  const found = objectsAt(resource, 'identifier').flatMap((identifier) => {
    const key = partyKeyOfIdentifier(identifier);
    return key === undefined ? [] : [{ key, rank: identifier.use === 'official' ? 0 : 1 }];
  });
  found.sort((a, b) => a.rank - b.rank || order(a.key.system, b.key.system) || order(a.key.number, b.key.number));
  return found.map(({ key }) => key).slice(0, MAX_IDENTIFIERS);
}

/** An Identifier's system and value; `undefined` when one is missing or no event can hold it. */
export function partyKeyOfIdentifier(identifier: JsonObject): PartyKey | undefined {
  const system = exactText(textAt(identifier, 'system'), 256);
  const number = exactText(textAt(identifier, 'value'), 128);
  return system === undefined || number === undefined ? undefined : { system, number };
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** `undefined` when it has no name or no number to be found by. */
export function institutionDraft(resource: JsonObject): InstitutionDraft | undefined {
  const identifiers = identifiersOf(resource);
  const [key] = identifiers;
  const name = tidyText(textAt(resource, 'name'), 256);
  if (key === undefined || name === undefined) return undefined;
  const kind = tidyText(conceptText(objectsAt(resource, 'type')[0]), 64);
  return {
    key,
    identifiers,
    name,
    ...present({ kind, phone: phoneOf(resource), address: addressOf(resource) }),
  };
}

/** Affiliations stand in other resources; the caller adds them. `undefined` as above. */
export function practitionerDraft(resource: JsonObject): PractitionerDraft | undefined {
  const identifiers = identifiersOf(resource);
  const [key] = identifiers;
  const [name] = namesOf(resource);
  if (key === undefined || name === undefined) return undefined;
  const licence = exactText(textAt(resource, 'qualification[].identifier[].value'), 128);
  const title = tidyText(textsAt(resource, 'name[].prefix[]')[0], 128);
  return {
    key,
    identifiers,
    name,
    affiliations: [],
    ...present({ licence, title, phone: phoneOf(resource), address: addressOf(resource) }),
  };
}
