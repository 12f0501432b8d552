import type { Profile } from '../../app/api.ts';
import type { Day } from '../../kernel/instant.ts';
import { builder } from '../builder.ts';
import { DayScalar } from './day.ts';
import { IdentityDocumentType } from './identity-document.ts';
import { type Sex, SexEnum } from './sex.ts';

export const ProfileType = builder.objectRef<Profile>('Profile').implement({
  description: 'The resident’s own demographics, as registered.',
  fields: (t) => ({
    event: t.exposeID('event', { description: 'Id of the access event that stands for this answer.' }),
    region: t.exposeString('region', { description: 'Home region, a GB/T 2260 code.' }),
    name: t.exposeString('name', { description: 'Name.' }),
    sex: t.field({ type: SexEnum, nullable: true, description: 'Sex.', resolve: ({ sex }) => sex as Sex | null }),
    birthDate: t.field({
      type: DayScalar,
      nullable: true,
      description: 'Day of birth.',
      resolve: ({ birthDate }) => birthDate as Day | null,
    }),
    phone: t.exposeString('phone', { nullable: true, description: 'Telephone number.' }),
    address: t.exposeString('address', { nullable: true, description: 'Address.' }),
    documents: t.expose('documents', { type: [IdentityDocumentType], description: 'Identity documents.' }),
  }),
});
