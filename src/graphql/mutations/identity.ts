import { builder } from '../builder.ts';
import { defined } from '../defined.ts';
import { command } from '../operation.ts';
import { answer } from '../outcome-union.ts';
import { requestIdArg } from '../request-id-arg.ts';
import { IssuedCodeResult } from '../types/issued-code-result.ts';
import { LinkDocumentsInput } from '../types/link-documents-input.ts';
import { ReceiptResult } from '../types/receipt-result.ts';
import { RegisterResidentInput } from '../types/register-resident-input.ts';
import { ReportDeathInput } from '../types/report-death-input.ts';

builder.mutationFields((t) => ({
  registerResident: t.field({
    type: IssuedCodeResult,
    nullable: true,
    args: {
      requestId: requestIdArg(t.arg),
      input: t.arg({ type: RegisterResidentInput, description: 'The command.' }),
    },
    description:
      'The health-code office, systems: registers a person and issues their one health code. Of a person who is known it gives the code that they have; who was known is not told.',
    extensions: command('registerResident'),
    resolve: async (_root, args, { platform, caller }) => {
      const input = defined(args.input);
      return answer(await platform.registerResident(caller, args.requestId, input));
    },
  }),
  linkDocuments: t.field({
    type: ReceiptResult,
    nullable: true,
    args: { requestId: requestIdArg(t.arg), input: t.arg({ type: LinkDocumentsInput, description: 'The command.' }) },
    description:
      'The health-code office, systems: more documents of a resident. A document of somebody else is a conflict, and nothing is taken.',
    extensions: command('linkDocuments'),
    resolve: async (_root, args, { platform, caller }) => {
      const input = defined(args.input);
      return answer(await platform.linkDocuments(caller, args.requestId, input));
    },
  }),
  reportDeath: t.field({
    type: ReceiptResult,
    nullable: true,
    args: { requestId: requestIdArg(t.arg), input: t.arg({ type: ReportDeathInput, description: 'The command.' }) },
    description: 'The health-code office, systems: reports a death.',
    extensions: command('reportDeath'),
    resolve: async (_root, args, { platform, caller }) => {
      const input = defined(args.input);
      return answer(await platform.reportDeath(caller, args.requestId, input));
    },
  }),
}));
