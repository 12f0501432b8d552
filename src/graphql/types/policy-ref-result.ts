import { outcomeUnion } from '../outcome-union.ts';
import { PolicyRefType } from './policy-ref.ts';

export const PolicyRefResult = outcomeUnion('PolicyRefResult', PolicyRefType);
