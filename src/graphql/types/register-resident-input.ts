import { builder } from '../builder.ts';
import { DayScalar } from './day.ts';
import { DocumentInput } from './document-input.ts';
import { LoginInput } from './login-input.ts';
import { SexEnum } from './sex.ts';

export const RegisterResidentInput = builder.inputType('RegisterResidentInput', {
  description: 'A person, and the documents by which they are known.',
  fields: (t) => ({
    region: t.string({ description: 'Home region, a GB/T 2260 code.' }),
    name: t.string({ description: 'Name, 1 to 256 letters.' }),
    sex: t.field({ type: SexEnum, required: false, description: 'Sex. Must fit the identity card number.' }),
    birthDate: t.field({
      type: DayScalar,
      required: false,
      description: 'Day of birth. Must fit the identity card number.',
    }),
    phone: t.string({ required: false, description: 'Telephone number, at most 64 letters.' }),
    address: t.string({ required: false, description: 'Address, at most 512 letters.' }),
    documents: t.field({ type: [DocumentInput], description: '1 to 32 documents, all of this one person.' }),
    login: t.field({ type: LoginInput, required: false, description: 'The sign-in to bind, when it is known.' }),
  }),
});
