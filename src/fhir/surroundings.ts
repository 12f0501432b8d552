import type { Custody } from './custody.ts';
import type { PartyKey } from './draft.ts';
import { type JsonObject, valuesAt } from './element.ts';
import type { RecordContext } from './record.ts';
import type { References } from './reference.ts';
import { recordPaths } from './resource-table.ts';

/** `custodian-unknown`: somebody is named, nobody knows who. `no-custodian`: nobody is named, and there is nobody to guess. */
export type CustodianReason = 'custodian-unknown' | 'no-custodian';

/** What a record takes from the bundle around it: whose it is, who keeps it, and the encounter it belongs to. */
interface Surroundings extends Pick<RecordContext, 'practitionerOf' | 'encounter' | 'lenders'> {
  readonly patient: JsonObject;
  readonly custodian: PartyKey | CustodianReason;
}

/** `undefined` when the record's subject is no Patient of the bundle. */
type SurroundingsReader = (type: string, resource: JsonObject) => Surroundings | undefined;

export function surroundingsOf(
  references: References,
  custody: Custody,
  encounters: readonly JsonObject[],
  carePlans: readonly JsonObject[],
  fallback: PartyKey | undefined,
): SurroundingsReader {
  const targets = (from: JsonObject, path: string, type: string): readonly JsonObject[] =>
    valuesAt(from, path).flatMap((reference) => {
      const target = references.resolve(reference, from);
      return target !== undefined && target.type === type ? [target.value] : [];
    });

  const encountersOf = new Map<JsonObject, JsonObject[]>();
  for (const encounter of encounters) {
    for (const patient of targets(encounter, 'subject', 'Patient')) add(encountersOf, patient, encounter);
  }
  /** A goal names no encounter and no plan; plans name their goals. */
  const plansOf = new Map<JsonObject, JsonObject[]>();
  for (const plan of carePlans) {
    for (const goal of targets(plan, 'goal[]', 'Goal')) add(plansOf, goal, plan);
  }

  /** A guess is made only where nothing is said: a provider that is named but not known is not replaced by a likely one. */
  const custodianOf = (
    patient: JsonObject,
    own: readonly JsonObject[],
    allFound: boolean,
  ): Surroundings['custodian'] => {
    const provider = custody.providerOf(own) ?? (allFound ? undefined : 'unknown');
    if (provider !== undefined && provider !== 'unknown') return provider;
    if (fallback !== undefined) return fallback;
    if (provider === 'unknown') return 'custodian-unknown';
    return custody.latestProviderOf(encountersOf.get(patient) ?? []) ?? 'no-custodian';
  };

  return (type, resource) => {
    const paths = recordPaths(type);
    const [patient] = targets(resource, paths.subject, 'Patient');
    if (patient === undefined) return undefined;
    const plans = paths.encounter === 'CarePlan.goal' ? (plansOf.get(resource) ?? []) : [];
    const holders = paths.encounter === 'CarePlan.goal' ? plans : [resource];
    const path = paths.encounter === 'CarePlan.goal' ? 'encounter' : paths.encounter;
    const own = path === '.' ? [resource] : holders.flatMap((holder) => targets(holder, path, 'Encounter'));
    const stated = path === '.' ? 1 : holders.flatMap((holder) => valuesAt(holder, path)).length;
    const [encounter] = own;
    return {
      patient,
      custodian: custodianOf(patient, own, stated === own.length),
      practitionerOf: (reference) => custody.partyOf('Practitioner', reference, resource),
      lenders: [
        ...plans.map((value) => ({ type: 'CarePlan', value })),
        ...own.map((value) => ({ type: 'Encounter', value })),
      ],
      ...(encounter === undefined ? {} : { encounter }),
    };
  };
}

function add(map: Map<JsonObject, JsonObject[]>, key: JsonObject, value: JsonObject): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}
