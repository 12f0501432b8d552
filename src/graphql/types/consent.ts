import type { ConsentView } from '../../app/api.ts';
import { builder } from '../builder.ts';
import { ConsentStateEnum } from './consent-state.ts';
import { ConsentTermsType } from './consent-terms.ts';
import { InstantScalar } from './instant.ts';
import { NamedRefType } from './named-ref.ts';

export const ConsentType = builder.objectRef<ConsentView>('Consent').implement({
  description: 'A consent of the resident, or a request for one.',
  fields: (t) => ({
    consentId: t.exposeID('consentId', { description: 'Its id.' }),
    state: t.expose('state', { type: ConsentStateEnum, description: 'How it stands now.' }),
    terms: t.expose('terms', { type: ConsentTermsType, description: 'What is asked for or given.' }),
    institution: t.expose('institution', { type: NamedRefType, description: 'The organisation.' }),
    practitioner: t.expose('practitioner', {
      type: NamedRefType,
      nullable: true,
      description: 'The practitioner, when it is given to one.',
    }),
    requestedAt: t.field({
      type: InstantScalar,
      nullable: true,
      description: 'When it was asked for; null when it was granted unasked.',
      resolve: ({ requestedAt }) => requestedAt,
    }),
    answerBy: t.field({
      type: InstantScalar,
      nullable: true,
      description: 'Until when the request can be granted.',
      resolve: ({ answerBy }) => answerBy,
    }),
    grantedAt: t.field({
      type: InstantScalar,
      nullable: true,
      description: 'When it was granted.',
      resolve: ({ grantedAt }) => grantedAt,
    }),
    endedAt: t.field({
      type: InstantScalar,
      nullable: true,
      description: 'When it was denied or revoked.',
      resolve: ({ endedAt }) => endedAt,
    }),
  }),
});
