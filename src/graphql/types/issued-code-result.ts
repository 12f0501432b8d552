import { outcomeUnion } from '../outcome-union.ts';
import { IssuedCodeType } from './issued-code.ts';

export const IssuedCodeResult = outcomeUnion('IssuedCodeResult', IssuedCodeType);
