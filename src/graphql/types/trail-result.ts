import { outcomeUnion } from '../outcome-union.ts';
import { TrailEntryConnectionType } from './trail-entry-connection.ts';

export const TrailResult = outcomeUnion('TrailResult', TrailEntryConnectionType);
