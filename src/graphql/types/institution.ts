import type { InstitutionView } from '../../app/api.ts';
import { builder } from '../builder.ts';
import { IdentifierType } from './identifier.ts';
import { PartyStateEnum } from './party-state.ts';

export const InstitutionType = builder.objectRef<InstitutionView>('Institution').implement({
  description: 'A health organisation (医疗卫生机构).',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'Its id: 22 letters, the same for everybody.' }),
    name: t.exposeString('name', { description: 'Name.' }),
    identifiers: t.expose('identifiers', { type: [IdentifierType], description: 'Numbers under which it is known.' }),
    region: t.exposeString('region', { nullable: true, description: 'Region, a GB/T 2260 code.' }),
    level: t.exposeInt('level', {
      nullable: true,
      description: 'Level of a hospital: 1 to 3 (一级 to 三级); 0 for none.',
    }),
    kind: t.exposeString('kind', { nullable: true, description: 'Kind of organisation.' }),
    state: t.expose('state', { type: PartyStateEnum, description: 'How its registration stands.' }),
  }),
});
