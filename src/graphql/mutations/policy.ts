import { asSet } from '../../domain/sets.ts';
import { isId16 } from '../../kernel/id.ts';
import { builder } from '../builder.ts';
import { defined } from '../defined.ts';
import { badInput } from '../fault.ts';
import { command } from '../operation.ts';
import { answer } from '../outcome-union.ts';
import { requestIdArg } from '../request-id-arg.ts';
import { AdoptPolicyInput } from '../types/adopt-policy-input.ts';
import { PolicyRefResult } from '../types/policy-ref-result.ts';

builder.mutationFields((t) => ({
  adoptPolicy: t.field({
    type: PolicyRefResult,
    nullable: true,
    args: { requestId: requestIdArg(t.arg), input: t.arg({ type: AdoptPolicyInput, description: 'The command.' }) },
    description: 'The regulator: the policy that the region decides by from now on.',
    extensions: command('adoptPolicy'),
    resolve: async (_root, args, { platform, caller }) => {
      const { version, rules } = defined(args.input).policy;
      const policy = {
        version,
        rules: rules.map(({ institutions, ...rule }, i) => ({
          ...rule,
          purposes: asSet(rule.purposes),
          categories: asSet(rule.categories),
          labels: asSet(rule.labels ?? []),
          ...(institutions === undefined
            ? {}
            : {
                institutions: asSet(institutions).map((id) => {
                  if (!isId16(id))
                    throw badInput(`input.policy.rules[${i}].institutions`, 'holds what is no id of 22 letters');
                  return id;
                }),
              }),
        })),
      };
      return answer(await platform.adoptPolicy(caller, args.requestId, { policy }));
    },
  }),
}));
