import { builder } from '../builder.ts';
import { IdentifierInput } from './identifier-input.ts';

export const ChangePractitionerInput = builder.inputType('ChangePractitionerInput', {
  description:
    'The whole profile as it is from now on. Contacts that are left out stay as they are; identifiers are added, never taken away.',
  fields: (t) => ({
    id: t.id({ description: 'Id of the practitioner.' }),
    identifiers: t.field({ type: [IdentifierInput], description: '1 to 16 numbers under which they are known.' }),
    name: t.string({ description: 'Professional name, at most 256 letters.' }),
    licence: t.string({ required: false, description: 'Number of the licence (执业证书).' }),
    title: t.string({ required: false, description: 'Professional title (职称).' }),
    affiliations: t.idList({
      description: 'Ids of the organisations in which they work; empty: they may not ask for anything.',
    }),
    phone: t.string({ required: false, description: 'Telephone number, at most 64 letters. Personal.' }),
    address: t.string({ required: false, description: 'Address, at most 512 letters. Personal.' }),
  }),
});
