import { type Operation, ROLES } from '../../app/roles.ts';
import type { Selection } from '../../domain/access/events.ts';
import { institutionStream } from '../../kernel/id.ts';
import type { Case, Judge, KnownOf } from './append.ts';
import type { Flaw } from './difference.ts';
import { askerStream, checkGuards, readGuards } from './guards.ts';
import { ownStream } from './judge-read-of-log.ts';
import { anyRequest, askerStates } from './judge-request.ts';

/** What is asked about somebody by a code; a resident's own things are asked for by being the resident. */
const BY_CODE: { readonly [W in Selection['what']]?: Operation } = {
  records: 'openRecords',
  content: 'openContent',
  code: 'verifyCode',
  consent: 'requestConsent',
  'access-log': 'readTrail',
};

/** Nobody behind a code: that stands in no event; who asked, where it is written and the policy in force do. */
export const judgeMissed: Judge = (of) => {
  const [event] = of.append.events as readonly [KnownOf<'access.missed@1'>];
  const { by, selection, policy } = event.retained;
  const operation = BY_CODE[selection.what];
  if (operation === undefined || !ROLES[operation].includes(by.kind)) {
    return [{ kind: 'actor', recorded: `${by.kind} ${selection.what}`, follows: 'no such read' }];
  }
  if (!ownStream(of, by).includes(event.stream)) {
    return [{ kind: 'place', recorded: 'in another stream', follows: 'in the asker’s own stream' }];
  }
  of.note('code-unknown');
  if (selection.what === 'consent') return judgeRequested(of, event);
  const unguarded = checkGuards(of, readGuards(of));
  if (unguarded.length > 0) return unguarded;
  return policy === of.states.of(of.states.ledger).policy.adopted?.hash
    ? []
    : [{ kind: 'field', recorded: `${event.type} policy`, follows: 'the policy in force' }];
};

/** A request for consent that nobody is behind is one that anybody would have taken. */
function judgeRequested(of: Case, event: KnownOf<'access.missed@1'>): readonly Flaw[] {
  const { by, policy, purpose } = event.retained;
  const practitioner = askerStream(of, by);
  const unguarded = checkGuards(of, [
    ...(practitioner === undefined ? [] : [{ stream: practitioner, kinds: ['practitioner.'] }]),
    ...(by.organisation === undefined ? [] : [{ stream: institutionStream(by.organisation), kinds: ['institution.'] }]),
  ]);
  if (unguarded.length > 0) return unguarded;
  if (policy !== undefined) return [{ kind: 'field', recorded: `${event.type} policy`, follows: 'no policy' }];
  const decision = anyRequest(of, purpose, askerStates(of, by), undefined);
  return decision.kind === 'accept'
    ? []
    : [{ kind: 'decision', recorded: event.type, follows: `refused: ${decision.code}` }];
}
