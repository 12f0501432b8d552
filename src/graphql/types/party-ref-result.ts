import { outcomeUnion } from '../outcome-union.ts';
import { PartyRefType } from './party-ref.ts';

export const PartyRefResult = outcomeUnion('PartyRefResult', PartyRefType);
