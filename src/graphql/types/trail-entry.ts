import type { TrailEntry } from '../../app/api.ts';
import { builder } from '../builder.ts';
import { InstantScalar } from './instant.ts';
import { NamedRefType } from './named-ref.ts';
import { PurposeEnum } from './purpose.ts';
import { RoleEnum } from './role.ts';
import { TrailDetailsType } from './trail-details.ts';
import { TrailKindEnum } from './trail-kind.ts';

export const TrailEntryType = builder.objectRef<TrailEntry>('TrailEntry').implement({
  description: 'One access, or one attempt: who, for whom, when and why.',
  fields: (t) => ({
    event: t.exposeID('event', { description: 'Id of the event.' }),
    kind: t.expose('kind', { type: TrailKindEnum, description: 'What happened.' }),
    time: t.field({ type: InstantScalar, description: 'When the ledger recorded it.', resolve: ({ time }) => time }),
    actorKind: t.expose('actorKind', { type: RoleEnum, description: 'In what role the actor asked.' }),
    actor: t.expose('actor', { type: NamedRefType, description: 'Who asked, with the name they had then.' }),
    organisation: t.expose('organisation', {
      type: NamedRefType,
      nullable: true,
      description: 'For which organisation, with the name it had then.',
    }),
    purpose: t.expose('purpose', { type: PurposeEnum, nullable: true, description: 'For what purpose.' }),
    trace: t.exposeString('trace', { nullable: true, description: 'X-Request-Id of the request.' }),
    details: t.expose('details', {
      type: TrailDetailsType,
      nullable: true,
      description: 'Null once the retention period of these details has ended.',
    }),
  }),
});
