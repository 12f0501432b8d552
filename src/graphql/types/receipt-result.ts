import { outcomeUnion } from '../outcome-union.ts';
import { ReceiptType } from './receipt.ts';

export const ReceiptResult = outcomeUnion('ReceiptResult', ReceiptType);
