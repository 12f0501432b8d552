import { isSubset } from '../sets.ts';
import { periodCovers, purposeCovers } from '../terms.ts';
import type { ConsentTerms, Grantee } from './terms.ts';

export function sameGrantee(a: Grantee, b: Grantee): boolean {
  return a.kind === b.kind && a.institution === b.institution && a.practitioner === b.practitioner;
}

/** Grant ⊆ request, in every dimension: the same grantee, and nothing of any kind that was not asked for. */
export function grantWithin(request: ConsentTerms, grant: ConsentTerms): boolean {
  return (
    sameGrantee(request.grantee, grant.grantee) &&
    grant.purposes.every((purpose) => request.purposes.some((asked) => purposeCovers(asked, purpose))) &&
    isSubset(grant.categories, request.categories) &&
    isSubset(grant.labels, request.labels) &&
    periodCovers(request.period, grant.period) &&
    request.validFrom <= grant.validFrom &&
    grant.validUntil <= request.validUntil
  );
}
