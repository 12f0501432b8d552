import { builder } from '../builder.ts';
import { IdentifierInput } from './identifier-input.ts';

export const RegisterInstitutionInput = builder.inputType('RegisterInstitutionInput', {
  description: 'A health organisation.',
  fields: (t) => ({
    identifiers: t.field({ type: [IdentifierInput], description: '1 to 16 numbers under which it is known.' }),
    name: t.string({ description: 'Name, at most 256 letters.' }),
    region: t.string({ required: false, description: 'Region, a GB/T 2260 code.' }),
    level: t.int({ required: false, description: 'Level of a hospital: 1 to 3 (一级 to 三级); 0 for none.' }),
    kind: t.string({ required: false, description: 'Kind of organisation, at most 64 letters.' }),
    phone: t.string({ required: false, description: 'Telephone number, at most 64 letters. Personal.' }),
    address: t.string({ required: false, description: 'Address, at most 512 letters. Personal.' }),
  }),
});
