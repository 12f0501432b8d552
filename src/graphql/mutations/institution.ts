import { builder } from '../builder.ts';
import { defined } from '../defined.ts';
import { command } from '../operation.ts';
import { answer } from '../outcome-union.ts';
import { requestIdArg } from '../request-id-arg.ts';
import { ChangeInstitutionInput } from '../types/change-institution-input.ts';
import { EndInstitutionInput } from '../types/end-institution-input.ts';
import { PartyRefResult } from '../types/party-ref-result.ts';
import { ReceiptResult } from '../types/receipt-result.ts';
import { RegisterInstitutionInput } from '../types/register-institution-input.ts';

builder.mutationFields((t) => ({
  registerInstitution: t.field({
    type: PartyRefResult,
    nullable: true,
    args: {
      requestId: requestIdArg(t.arg),
      input: t.arg({ type: RegisterInstitutionInput, description: 'The command.' }),
    },
    description: 'The regulator: registers an organisation; adds to a known one what it lacks.',
    extensions: command('registerInstitution'),
    resolve: async (_root, args, { platform, caller }) => {
      const input = defined(args.input);
      return answer(await platform.registerInstitution(caller, args.requestId, input));
    },
  }),
  changeInstitution: t.field({
    type: ReceiptResult,
    nullable: true,
    args: {
      requestId: requestIdArg(t.arg),
      input: t.arg({ type: ChangeInstitutionInput, description: 'The command.' }),
    },
    description: 'The regulator: the whole profile of an organisation as it is from now on.',
    extensions: command('changeInstitution'),
    resolve: async (_root, args, { platform, caller }) => {
      const input = defined(args.input);
      return answer(await platform.changeInstitution(caller, args.requestId, input));
    },
  }),
  endInstitution: t.field({
    type: ReceiptResult,
    nullable: true,
    args: { requestId: requestIdArg(t.arg), input: t.arg({ type: EndInstitutionInput, description: 'The command.' }) },
    description: 'The regulator: ends an organisation. Nobody acts for it any more.',
    extensions: command('endInstitution'),
    resolve: async (_root, args, { platform, caller }) => {
      const input = defined(args.input);
      return answer(await platform.endInstitution(caller, args.requestId, input));
    },
  }),
}));
