import { asSet } from '../../domain/sets.ts';
import { builder } from '../builder.ts';
import { toConnection } from '../connection.ts';
import { defined } from '../defined.ts';
import { badInput } from '../fault.ts';
import { gated, open } from '../operation.ts';
import { answer } from '../outcome-union.ts';
import { pagingArgs } from '../paging.ts';
import { selectionArgs } from '../selection.ts';
import { translateFault } from '../translate-fault.ts';
import { CodeVerificationResult } from './code-verification-result.ts';
import { ContentResult } from './content-result.ts';
import { IdentifierInput } from './identifier-input.ts';
import { InstitutionType } from './institution.ts';
import { ME, MeType } from './me.ts';
import { PolicyType } from './policy.ts';
import { PractitionerType } from './practitioner.ts';
import { PurposeEnum } from './purpose.ts';
import { type RecordsOfCode, RecordsOfCodeType } from './records-of-code.ts';
import { RecordsResult } from './records-result.ts';
import { TrailFilter } from './trail-filter.ts';
import { TrailResult } from './trail-result.ts';

export const MAX_CODES = 20;

/** One organisation or practitioner: by id, or by a number that somebody issued. */
function partyKey(id: string | undefined, identifier: { system: string; number: string } | undefined) {
  if (id !== undefined && identifier === undefined) return { id };
  if (id === undefined && identifier !== undefined) return identifier;
  throw badInput('arguments', 'not exactly one of id and identifier');
}

builder.queryType({
  description:
    'What can be read. Each occurrence of a field, under whatever alias, is a call of its own; null only with an entry in `errors`, or where it is said.',
  fields: (t) => ({
    me: t.field({
      type: MeType,
      description: 'Residents: one’s own record, consents and log. Reads nothing by itself.',
      resolve: () => ME,
    }),
    records: t.field({
      type: RecordsResult,
      nullable: true,
      args: {
        code: t.arg.string({ description: 'A health code of the resident.' }),
        purpose: t.arg({ type: PurposeEnum, description: 'For what they are opened.' }),
        ...selectionArgs(t.arg),
      },
      description:
        'Practitioners: the records behind one health code, newest first. Decided and logged before anything is opened.',
      extensions: gated('openRecords', { paged: true }),
      resolve: async (_root, args, { platform, caller }) => {
        const { categories, ...rest } = defined(args);
        const sets = categories === undefined ? {} : { categories: asSet(categories) };
        const outcome = await platform.openRecords(caller, { ...rest, ...sets });
        return answer(outcome, (page) => toConnection(page, page.records, rest.after));
      },
    }),
    recordsOfSeveral: t.field({
      type: [RecordsOfCodeType],
      nullable: true,
      args: {
        codes: t.arg.stringList({ description: `1 to ${MAX_CODES} health codes.` }),
        purpose: t.arg({ type: PurposeEnum, description: 'For what they are opened.' }),
        ...selectionArgs(t.arg),
      },
      description:
        'Practitioners: the records behind several health codes. Each is decided, logged and answered by itself, in the order given; a cursor fits only the code that it came from.',
      extensions: gated('openRecords', { paged: true, each: 'codes' }),
      resolve: async (_root, args, { platform, caller, faults, requestId }) => {
        const { codes, categories, ...rest } = defined(args);
        if (codes.length < 1 || codes.length > MAX_CODES) throw badInput('codes', `not 1 to ${MAX_CODES} codes`);
        const sets = categories === undefined ? {} : { categories: asSet(categories) };
        const answers: RecordsOfCode[] = [];
        for (const code of codes) {
          const settled = await platform.openRecords(caller, { code, ...rest, ...sets }).then(
            (outcome) => ({ outcome }),
            (error: unknown) => ({ fault: faults.told(translateFault(error, 'query'), requestId) }),
          );
          answers.push({ code, after: rest.after, settled });
        }
        return answers;
      },
    }),
    content: t.field({
      type: ContentResult,
      nullable: true,
      args: {
        code: t.arg.string({ description: 'A health code of the resident.' }),
        purpose: t.arg({ type: PurposeEnum, description: 'For what it is opened.' }),
        record: t.arg.id({ description: 'The `id` of a record as listed by `records` for this code.' }),
      },
      description: 'Practitioners: a copy of one record’s content. Decided and logged before anything is opened.',
      extensions: gated('openContent'),
      resolve: async (_root, args, { platform, caller }) => answer(await platform.openContent(caller, defined(args))),
    }),
    verifyCode: t.field({
      type: CodeVerificationResult,
      nullable: true,
      args: {
        code: t.arg.string({ description: 'The code that was shown.' }),
        purpose: t.arg({ type: PurposeEnum, required: false, description: 'For what it was shown.' }),
      },
      description: 'Practitioners and the health-code office: is this code live? Logged.',
      extensions: gated('verifyCode'),
      resolve: async (_root, args, { platform, caller }) => answer(await platform.verifyCode(caller, defined(args))),
    }),
    trail: t.field({
      type: TrailResult,
      nullable: true,
      args: {
        filter: t.arg({ type: TrailFilter, required: false, description: 'Which entries; all when left out.' }),
        ...pagingArgs(t.arg, 'gated'),
      },
      description:
        'The regulator: trails of access, newest first. Logged, also in the log of the resident whose trail is read.',
      extensions: gated('readTrail', { paged: true }),
      resolve: async (_root, args, { platform, caller }) => {
        const { filter, ...paging } = defined(args);
        const outcome = await platform.readTrail(caller, { ...filter, ...paging });
        return answer(outcome, (page) => toConnection(page, page.entries, paging.after));
      },
    }),
    institution: t.field({
      type: InstitutionType,
      nullable: true,
      args: {
        id: t.arg.id({ required: false, description: 'Its id.' }),
        identifier: t.arg({
          type: IdentifierInput,
          required: false,
          description: 'Or a number under which it is known.',
        }),
      },
      description: 'A registered organisation; null when there is none.',
      extensions: open('institution'),
      resolve: (_root, args, { platform, caller }) => {
        const { id, identifier } = defined(args);
        return platform.institution(caller, partyKey(id, identifier));
      },
    }),
    practitioner: t.field({
      type: PractitionerType,
      nullable: true,
      args: {
        id: t.arg.id({ required: false, description: 'Their id.' }),
        identifier: t.arg({
          type: IdentifierInput,
          required: false,
          description: 'Or a number under which they are known.',
        }),
      },
      description: 'A registered practitioner; null when there is none.',
      extensions: open('practitioner'),
      resolve: (_root, args, { platform, caller }) => {
        const { id, identifier } = defined(args);
        return platform.practitioner(caller, partyKey(id, identifier));
      },
    }),
    policy: t.field({
      type: PolicyType,
      nullable: true,
      description: 'The region’s policy in force; null before the first is adopted.',
      extensions: open('policy'),
      resolve: (_root, _args, { platform, caller }) => platform.policy(caller),
    }),
  }),
});
