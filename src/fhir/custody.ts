import { type PartyKey, partyKeyText } from './draft.ts';
import { isObject, type JsonObject, textAt, valuesAt } from './element.ts';
import { parseFhirTime } from './fhir-time.ts';
import { partyKeyOf, partyKeyOfIdentifier } from './party.ts';
import type { References, Target } from './reference.ts';

/** Who keeps what: providers of encounters, and from them custodians of records and affiliations of practitioners. */
export interface Custody {
  /** The party a Reference names: by its identifier, in the bundle, or elsewhere. */
  partyOf(type: 'Organization' | 'Practitioner', reference: unknown, from: JsonObject): PartyKey | undefined;
  /** Provider of the first of these encounters that has one. `unknown`: somebody is named, nobody knows who. */
  providerOf(encounters: readonly JsonObject[]): PartyKey | 'unknown' | undefined;
  /** Provider of the one that ended last; of two at one time, of the smaller id. */
  latestProviderOf(encounters: readonly JsonObject[]): PartyKey | undefined;
  /** For each practitioner, the providers of the encounters that they took part in; keys are `partyKeyText`. */
  affiliations(encounters: readonly JsonObject[]): ReadonlyMap<string, readonly PartyKey[]>;
}

export function custodyOf(
  references: References,
  partyElsewhere: (reference: string) => PartyKey | undefined,
): Custody {
  /** The same few parties are named by thousands of records. */
  const keys = new Map<JsonObject, PartyKey | undefined>();
  const keyOf = (party: JsonObject): PartyKey | undefined => {
    if (!keys.has(party)) keys.set(party, partyKeyOf(party));
    return keys.get(party);
  };
  const partyOf: Custody['partyOf'] = (type, reference, from) => {
    if (!isObject(reference)) return undefined;
    if (isObject(reference.identifier)) return partyKeyOfIdentifier(reference.identifier);
    const target: Target | undefined = references.resolve(reference, from);
    if (target !== undefined) return target.type === type ? keyOf(target.value) : undefined;
    const text = textAt(reference, 'reference');
    return text === undefined || text.startsWith('#') ? undefined : partyElsewhere(text);
  };

  const provider = (encounter: JsonObject): PartyKey | 'unknown' | undefined =>
    encounter.serviceProvider === undefined
      ? undefined
      : (partyOf('Organization', encounter.serviceProvider, encounter) ?? 'unknown');

  return {
    partyOf,
    providerOf: (encounters) => encounters.map(provider).find((found) => found !== undefined),
    latestProviderOf: (encounters) => {
      let latest: { readonly rank: string; readonly key: PartyKey; readonly id: string } | undefined;
      for (const encounter of encounters) {
        const key = provider(encounter);
        const time = parseFhirTime(textAt(encounter, 'period.end') ?? textAt(encounter, 'period.start'));
        if (key === undefined || key === 'unknown' || time === undefined) continue;
        const id = textAt(encounter, 'id') ?? '';
        const later = latest === undefined || time.at > latest.rank || (time.at === latest.rank && id < latest.id);
        if (later) latest = { rank: time.at, key, id };
      }
      return latest?.key;
    },
    affiliations: (encounters) => {
      const found = new Map<string, Map<string, PartyKey>>();
      for (const encounter of encounters) {
        const organisation = provider(encounter);
        if (organisation === undefined || organisation === 'unknown') continue;
        for (const reference of valuesAt(encounter, 'participant[].individual')) {
          const practitioner = partyOf('Practitioner', reference, encounter);
          if (practitioner === undefined) continue;
          const name = partyKeyText(practitioner);
          const where = found.get(name) ?? new Map<string, PartyKey>();
          found.set(name, where.set(partyKeyText(organisation), organisation));
        }
      }
      return new Map([...found].map(([name, where]) => [name, [...where.values()]]));
    },
  };
}
