import { outcomeUnion } from '../outcome-union.ts';
import { RecordRefType } from './record-ref.ts';

export const RecordRefResult = outcomeUnion('RecordRefResult', RecordRefType);
