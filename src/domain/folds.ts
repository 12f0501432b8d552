import type { StreamKind } from '../kernel/id.ts';
import { codeFold } from './code/fold.ts';
import { fatesFold } from './consent/fates.ts';
import { consentFold } from './consent/fold.ts';
import { identityFold } from './identity/fold.ts';
import { institutionFold } from './institution/fold.ts';
import { ledgerFold } from './ledger/fold.ts';
import { policyFold } from './ledger/policy.ts';
import { practitionerFold } from './practitioner/fold.ts';
import { custodiansFold } from './record/custodians.ts';
import { recordFold } from './record/fold.ts';
import { shelfFold } from './record/shelf.ts';

/** Every fold by its name, as deciders name them. */
export const FOLDS = {
  identity: identityFold,
  code: codeFold,
  consent: consentFold,
  fates: fatesFold,
  record: recordFold,
  custodians: custodiansFold,
  shelf: shelfFold,
  practitioner: practitionerFold,
  institution: institutionFold,
  ledger: ledgerFold,
  policy: policyFold,
} as const;

export type FoldName = keyof typeof FOLDS;
export type States = { readonly [N in FoldName]: (typeof FOLDS)[N]['initialState'] };

/** Which kind of stream each fold is of. */
export const STREAM_OF = {
  identity: 'resident',
  code: 'resident',
  consent: 'resident',
  fates: 'resident',
  record: 'resident',
  custodians: 'resident',
  shelf: 'resident',
  practitioner: 'practitioner',
  institution: 'institution',
  ledger: 'ledger',
  policy: 'ledger',
} as const satisfies Readonly<Record<FoldName, StreamKind>>;
