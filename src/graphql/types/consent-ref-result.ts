import { outcomeUnion } from '../outcome-union.ts';
import { ConsentRefType } from './consent-ref.ts';

export const ConsentRefResult = outcomeUnion('ConsentRefResult', ConsentRefType);
