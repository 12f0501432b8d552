import { outcomeUnion } from '../outcome-union.ts';
import { CodeVerificationType } from './code-verification.ts';

export const CodeVerificationResult = outcomeUnion('CodeVerificationResult', CodeVerificationType);
