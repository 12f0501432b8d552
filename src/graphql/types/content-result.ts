import { outcomeUnion } from '../outcome-union.ts';
import { ContentType } from './content.ts';

export const ContentResult = outcomeUnion('ContentResult', ContentType);
