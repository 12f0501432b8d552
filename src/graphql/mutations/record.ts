import { asSet } from '../../domain/sets.ts';
import { builder } from '../builder.ts';
import { defined } from '../defined.ts';
import { command } from '../operation.ts';
import { answer } from '../outcome-union.ts';
import { requestIdArg } from '../request-id-arg.ts';
import { ReceiptResult } from '../types/receipt-result.ts';
import { RecordRefResult } from '../types/record-ref-result.ts';
import { RegisterRecordInput } from '../types/register-record-input.ts';
import { WithdrawRecordInput } from '../types/withdraw-record-input.ts';

builder.mutationFields((t) => ({
  registerRecord: t.field({
    type: RecordRefResult,
    nullable: true,
    args: { requestId: requestIdArg(t.arg), input: t.arg({ type: RegisterRecordInput, description: 'The command.' }) },
    description: 'Practitioners, systems: registers a record of the token’s organisation.',
    extensions: command('registerRecord'),
    resolve: async (_root, args, { platform, caller }) => {
      const { sensitivities, ...rest } = defined(args.input);
      const sets = sensitivities === undefined ? {} : { sensitivities: asSet(sensitivities) };
      return answer(await platform.registerRecord(caller, args.requestId, { ...rest, ...sets }));
    },
  }),
  withdrawRecord: t.field({
    type: ReceiptResult,
    nullable: true,
    args: { requestId: requestIdArg(t.arg), input: t.arg({ type: WithdrawRecordInput, description: 'The command.' }) },
    description:
      'Practitioners, systems: withdraws a record of the token’s organisation. It is opened to nobody any more.',
    extensions: command('withdrawRecord'),
    resolve: async (_root, args, { platform, caller }) => {
      const input = defined(args.input);
      return answer(await platform.withdrawRecord(caller, args.requestId, input));
    },
  }),
}));
