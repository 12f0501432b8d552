import { asSet } from '../../domain/sets.ts';
import { builder } from '../builder.ts';
import { toConnection } from '../connection.ts';
import { defined } from '../defined.ts';
import { gated, open } from '../operation.ts';
import { answer } from '../outcome-union.ts';
import { pagingArgs } from '../paging.ts';
import { selectionArgs } from '../selection.ts';
import { ConsentFilterEnum } from './consent-filter.ts';
import { ConsentsResult } from './consents-result.ts';
import { ContentResult } from './content-result.ts';
import { HealthCodesResult } from './health-codes-result.ts';
import { InstantScalar } from './instant.ts';
import { ProfileResult } from './profile-result.ts';
import { RecordsResult } from './records-result.ts';
import { TrailResult } from './trail-result.ts';

/** Nothing: who is meant stands in the token. */
export const ME = {};

export const MeType = builder.objectRef<typeof ME>('Me').implement({
  description: 'The resident behind the token. Each field is a call of its own; null only with an entry in `errors`.',
  fields: (t) => ({
    profile: t.field({
      type: ProfileResult,
      nullable: true,
      description: 'The resident’s demographics. Logged.',
      extensions: gated('myProfile'),
      resolve: async (_me, _args, { platform, caller }) => answer(await platform.myProfile(caller, {})),
    }),
    records: t.field({
      type: RecordsResult,
      nullable: true,
      args: selectionArgs(t.arg),
      description: 'The resident’s records, newest first. Logged.',
      extensions: gated('myRecords', { paged: true }),
      resolve: async (_me, args, { platform, caller }) => {
        const { categories, ...rest } = defined(args);
        const sets = categories === undefined ? {} : { categories: asSet(categories) };
        const outcome = await platform.myRecords(caller, { ...rest, ...sets });
        return answer(outcome, (page) => toConnection(page, page.records, rest.after));
      },
    }),
    content: t.field({
      type: ContentResult,
      nullable: true,
      args: { record: t.arg.id({ description: 'The `id` of a record as listed by `me.records`.' }) },
      description: 'A copy of one record’s content. Logged.',
      extensions: gated('myContent'),
      resolve: async (_me, args, { platform, caller }) => answer(await platform.myContent(caller, defined(args))),
    }),
    accessLog: t.field({
      type: TrailResult,
      nullable: true,
      args: {
        from: t.arg({ type: InstantScalar, required: false, description: 'From this instant on.' }),
        until: t.arg({ type: InstantScalar, required: false, description: 'Before this instant.' }),
        ...pagingArgs(t.arg, 'gated'),
      },
      description:
        'Who read or tried to read the resident’s record, with names as they were then, newest first. Logged.',
      extensions: gated('myAccessLog', { paged: true }),
      resolve: async (_me, args, { platform, caller }) => {
        const input = defined(args);
        const outcome = await platform.myAccessLog(caller, input);
        return answer(outcome, (page) => toConnection(page, page.entries, input.after));
      },
    }),
    consents: t.field({
      type: ConsentsResult,
      nullable: true,
      args: {
        state: t.arg({ type: ConsentFilterEnum, required: false, description: 'Of one kind only.' }),
        ...pagingArgs(t.arg, 'open'),
      },
      description: 'The resident’s consents and the requests for them.',
      extensions: open('myConsents', { paged: true }),
      resolve: async (_me, args, { platform, caller }) => {
        const input = defined(args);
        const outcome = await platform.myConsents(caller, input);
        return answer(outcome, (page) => toConnection(page, page.consents, input.after));
      },
    }),
    consentRequests: t.field({
      type: ConsentsResult,
      nullable: true,
      args: pagingArgs(t.arg, 'open'),
      description: 'Requests that wait for the resident’s answer: `consents` of state PENDING.',
      extensions: open('myConsents', { paged: true }),
      resolve: async (_me, args, { platform, caller }) => {
        const input = defined(args);
        const outcome = await platform.myConsents(caller, { ...input, state: 'pending' });
        return answer(outcome, (page) => toConnection(page, page.consents, input.after));
      },
    }),
    codes: t.field({
      type: HealthCodesResult,
      nullable: true,
      description: 'The resident’s health codes and how they stand.',
      extensions: open('myCodes'),
      resolve: async (_me, _args, { platform, caller }) =>
        answer(await platform.myCodes(caller), (codes) => ({ codes })),
    }),
  }),
});
