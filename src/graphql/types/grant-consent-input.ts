import { builder } from '../builder.ts';
import { ConsentTermsInput } from './consent-terms-input.ts';
import { EvidenceInput } from './evidence-input.ts';

export const GrantConsentInput = builder.inputType('GrantConsentInput', {
  description: 'A grant, in answer to a request or unasked.',
  fields: (t) => ({
    consentId: t.id({
      required: false,
      description: 'The request that is answered; left out: granted by the resident’s own wish.',
    }),
    terms: t.field({ type: ConsentTermsInput, description: 'What is given.' }),
    evidence: t.field({ type: EvidenceInput, description: 'What the resident saw and how they said yes.' }),
  }),
});
