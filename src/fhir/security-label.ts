import { CONFIDENTIALITIES, type Confidentiality, SENSITIVITIES, type Sensitivity } from '../domain/terms.ts';
import { isObject, type JsonObject, valuesAt } from './element.ts';

const CONFIDENTIALITY_SYSTEM = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality';
const ACT_CODE_SYSTEM = 'http://terminology.hl7.org/CodeSystem/v3-ActCode';

const CONFIDENTIALITY_RANKS: readonly unknown[] = CONFIDENTIALITIES;

interface Security {
  /** Ascending, without doubles. */
  readonly sensitivities: readonly Sensitivity[];
  readonly confidentiality: Confidentiality;
}

/**
 * What `meta.security` asks for. No label at all is N. Of several confidentialities the highest counts. A label that is not
 * understood is taken for the strictest, V: whoever set it wanted something, and we cannot do it.
 */
export function securityOf(resource: JsonObject): Security {
  const sensitivities = new Set<Sensitivity>();
  let rank = -1;
  for (const label of valuesAt(resource, 'meta.security')) {
    const { system, code } = isObject(label) ? label : {};
    const level = system === CONFIDENTIALITY_SYSTEM ? CONFIDENTIALITY_RANKS.indexOf(code) : -1;
    const sensitivity = system === ACT_CODE_SYSTEM ? SENSITIVITIES.find((c) => c === code) : undefined;
    if (sensitivity !== undefined) sensitivities.add(sensitivity);
    else rank = Math.max(rank, level < 0 ? CONFIDENTIALITIES.length - 1 : level);
  }
  return { sensitivities: [...sensitivities].sort(), confidentiality: CONFIDENTIALITIES[rank] ?? 'N' };
}
