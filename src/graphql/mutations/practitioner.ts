import { builder } from '../builder.ts';
import { defined } from '../defined.ts';
import { command } from '../operation.ts';
import { answer } from '../outcome-union.ts';
import { requestIdArg } from '../request-id-arg.ts';
import { ChangePractitionerInput } from '../types/change-practitioner-input.ts';
import { EndPractitionerInput } from '../types/end-practitioner-input.ts';
import { PartyRefResult } from '../types/party-ref-result.ts';
import { ReceiptResult } from '../types/receipt-result.ts';
import { RegisterPractitionerInput } from '../types/register-practitioner-input.ts';

builder.mutationFields((t) => ({
  registerPractitioner: t.field({
    type: PartyRefResult,
    nullable: true,
    args: {
      requestId: requestIdArg(t.arg),
      input: t.arg({ type: RegisterPractitionerInput, description: 'The command.' }),
    },
    description: 'The regulator: registers a practitioner; adds to a known one what they lack.',
    extensions: command('registerPractitioner'),
    resolve: async (_root, args, { platform, caller }) => {
      const input = defined(args.input);
      return answer(await platform.registerPractitioner(caller, args.requestId, input));
    },
  }),
  changePractitioner: t.field({
    type: ReceiptResult,
    nullable: true,
    args: {
      requestId: requestIdArg(t.arg),
      input: t.arg({ type: ChangePractitionerInput, description: 'The command.' }),
    },
    description: 'The regulator: the whole profile of a practitioner as it is from now on.',
    extensions: command('changePractitioner'),
    resolve: async (_root, args, { platform, caller }) => {
      const input = defined(args.input);
      return answer(await platform.changePractitioner(caller, args.requestId, input));
    },
  }),
  endPractitioner: t.field({
    type: ReceiptResult,
    nullable: true,
    args: { requestId: requestIdArg(t.arg), input: t.arg({ type: EndPractitionerInput, description: 'The command.' }) },
    description: 'The regulator: ends a practitioner’s registration. They may not ask for anything any more.',
    extensions: command('endPractitioner'),
    resolve: async (_root, args, { platform, caller }) => {
      const input = defined(args.input);
      return answer(await platform.endPractitioner(caller, args.requestId, input));
    },
  }),
}));
