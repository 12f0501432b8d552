import type { PractitionerView } from '../../app/api.ts';
import { builder } from '../builder.ts';
import { NamedRefType } from './named-ref.ts';
import { PartyStateEnum } from './party-state.ts';

export const PractitionerType = builder.objectRef<PractitionerView>('Practitioner').implement({
  description: 'A health professional (医疗卫生人员), as far as it is public.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'Their id: 22 letters, the same for everybody.' }),
    name: t.exposeString('name', { description: 'Professional name.' }),
    title: t.exposeString('title', { nullable: true, description: 'Professional title (职称).' }),
    licence: t.exposeString('licence', { nullable: true, description: 'Number of the licence (执业证书).' }),
    affiliations: t.expose('affiliations', { type: [NamedRefType], description: 'Organisations in which they work.' }),
    state: t.expose('state', { type: PartyStateEnum, description: 'How their registration stands.' }),
  }),
});
