import { outcomeUnion } from '../outcome-union.ts';
import { HealthCodesType } from './health-codes.ts';

export const HealthCodesResult = outcomeUnion('HealthCodesResult', HealthCodesType);
