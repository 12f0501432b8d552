import { outcomeUnion } from '../outcome-union.ts';
import { ConsentConnectionType } from './consent-connection.ts';

export const ConsentsResult = outcomeUnion('ConsentsResult', ConsentConnectionType);
