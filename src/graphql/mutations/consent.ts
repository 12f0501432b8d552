import type { ConsentTerms } from '../../domain/consent/terms.ts';
import { asSet } from '../../domain/sets.ts';
import { type Id16, isId16 } from '../../kernel/id.ts';
import { builder } from '../builder.ts';
import { type Defined, defined } from '../defined.ts';
import { badInput } from '../fault.ts';
import { command } from '../operation.ts';
import { answer } from '../outcome-union.ts';
import { requestIdArg } from '../request-id-arg.ts';
import { ConsentRefResult } from '../types/consent-ref-result.ts';
import type { ConsentTermsInput } from '../types/consent-terms-input.ts';
import { DenyConsentInput } from '../types/deny-consent-input.ts';
import { GrantConsentInput } from '../types/grant-consent-input.ts';
import { ReceiptResult } from '../types/receipt-result.ts';
import { RequestConsentInput } from '../types/request-consent-input.ts';
import { RevokeConsentInput } from '../types/revoke-consent-input.ts';

function idAt(path: string, text: string): Id16 {
  if (!isId16(text)) throw badInput(path, 'not an id of 22 letters');
  return text;
}

/** The terms as the platform takes them: sets in order, ids checked. */
function toTerms(given: Defined<typeof ConsentTermsInput.$inferInput>): ConsentTerms {
  const { kind, institution, practitioner } = given.grantee;
  return {
    ...given,
    grantee: {
      kind,
      institution: idAt('input.terms.grantee.institution', institution),
      ...(practitioner === undefined ? {} : { practitioner: idAt('input.terms.grantee.practitioner', practitioner) }),
    },
    purposes: asSet(given.purposes),
    categories: asSet(given.categories),
    labels: asSet(given.labels ?? []),
  };
}

builder.mutationFields((t) => ({
  requestConsent: t.field({
    type: ConsentRefResult,
    nullable: true,
    args: { requestId: requestIdArg(t.arg), input: t.arg({ type: RequestConsentInput, description: 'The command.' }) },
    description:
      'Practitioners: asks a resident for consent. The answer is the same whether or not anybody is behind the code.',
    extensions: command('requestConsent'),
    resolve: async (_root, args, { platform, caller }) => {
      const { purposes, categories, labels, ...rest } = defined(args.input);
      const sets = { purposes: asSet(purposes), categories: asSet(categories), labels: asSet(labels ?? []) };
      return answer(await platform.requestConsent(caller, args.requestId, { ...rest, ...sets }));
    },
  }),
  grantConsent: t.field({
    type: ConsentRefResult,
    nullable: true,
    args: { requestId: requestIdArg(t.arg), input: t.arg({ type: GrantConsentInput, description: 'The command.' }) },
    description: 'Residents: grants what a request asks, or less; or grants unasked.',
    extensions: command('grantConsent'),
    resolve: async (_root, args, { platform, caller }) => {
      const { terms, ...rest } = defined(args.input);
      return answer(await platform.grantConsent(caller, args.requestId, { ...rest, terms: toTerms(terms) }));
    },
  }),
  denyConsent: t.field({
    type: ReceiptResult,
    nullable: true,
    args: { requestId: requestIdArg(t.arg), input: t.arg({ type: DenyConsentInput, description: 'The command.' }) },
    description: 'Residents: denies a pending request.',
    extensions: command('denyConsent'),
    resolve: async (_root, args, { platform, caller }) => {
      const input = defined(args.input);
      return answer(await platform.denyConsent(caller, args.requestId, input));
    },
  }),
  revokeConsent: t.field({
    type: ReceiptResult,
    nullable: true,
    args: { requestId: requestIdArg(t.arg), input: t.arg({ type: RevokeConsentInput, description: 'The command.' }) },
    description: 'Residents: takes a grant back. From its answer on nothing more is opened under it.',
    extensions: command('revokeConsent'),
    resolve: async (_root, args, { platform, caller }) => {
      const input = defined(args.input);
      return answer(await platform.revokeConsent(caller, args.requestId, input));
    },
  }),
}));
