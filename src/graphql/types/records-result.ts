import { outcomeUnion } from '../outcome-union.ts';
import { RecordConnectionType } from './record-connection.ts';

export const RecordsResult = outcomeUnion('RecordsResult', RecordConnectionType);
