import { builder } from '../builder.ts';
import { defined } from '../defined.ts';
import { command } from '../operation.ts';
import { answer } from '../outcome-union.ts';
import { requestIdArg } from '../request-id-arg.ts';
import { CloseCodeInput } from '../types/close-code-input.ts';
import { IssueCodeInput } from '../types/issue-code-input.ts';
import { IssuedCodeResult } from '../types/issued-code-result.ts';
import { ReceiptResult } from '../types/receipt-result.ts';
import { ResumeCodeInput } from '../types/resume-code-input.ts';
import { SuspendCodeInput } from '../types/suspend-code-input.ts';

builder.mutationFields((t) => ({
  issueCode: t.field({
    type: IssuedCodeResult,
    nullable: true,
    args: { requestId: requestIdArg(t.arg), input: t.arg({ type: IssueCodeInput, description: 'The command.' }) },
    description:
      'The health-code office: a new code for a resident whose last one is closed; the live one when there is one.',
    extensions: command('issueCode'),
    resolve: async (_root, args, { platform, caller }) => {
      const input = defined(args.input);
      return answer(await platform.issueCode(caller, args.requestId, input));
    },
  }),
  suspendCode: t.field({
    type: ReceiptResult,
    nullable: true,
    args: { requestId: requestIdArg(t.arg), input: t.arg({ type: SuspendCodeInput, description: 'The command.' }) },
    description: 'The health-code office, residents: nobody can use the code until it is resumed.',
    extensions: command('suspendCode'),
    resolve: async (_root, args, { platform, caller }) => {
      const input = defined(args.input);
      return answer(await platform.suspendCode(caller, args.requestId, input));
    },
  }),
  resumeCode: t.field({
    type: ReceiptResult,
    nullable: true,
    args: { requestId: requestIdArg(t.arg), input: t.arg({ type: ResumeCodeInput, description: 'The command.' }) },
    description:
      'The health-code office, residents: the code can be used again. What the office suspended only the office resumes.',
    extensions: command('resumeCode'),
    resolve: async (_root, args, { platform, caller }) => {
      const input = defined(args.input);
      return answer(await platform.resumeCode(caller, args.requestId, input));
    },
  }),
  closeCode: t.field({
    type: ReceiptResult,
    nullable: true,
    args: { requestId: requestIdArg(t.arg), input: t.arg({ type: CloseCodeInput, description: 'The command.' }) },
    description:
      'The health-code office: closes the code for good, and ends the pending requests and live grants of its resident.',
    extensions: command('closeCode'),
    resolve: async (_root, args, { platform, caller }) => {
      const input = defined(args.input);
      return answer(await platform.closeCode(caller, args.requestId, input));
    },
  }),
}));
