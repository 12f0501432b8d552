import { kindOf, type StreamKind } from '../../kernel/id.ts';
import type { Case, Judge } from './append.ts';
import type { Flaw } from './difference.ts';
import { judgeAccess } from './judge-access.ts';
import { judgeCode } from './judge-code.ts';
import { judgeConsentEnd, judgeGrant } from './judge-consent.ts';
import { judgeLedger } from './judge-ledger.ts';
import { judgeMark } from './judge-mark.ts';
import { judgeMissed } from './judge-missed.ts';
import { judgeParty } from './judge-party.ts';
import { judgePerson } from './judge-person.ts';
import { judgeLogRead } from './judge-read-of-log.ts';
import { judgeDeniedRequest, judgeRequest } from './judge-request.ts';

/** Recomputes one decision by the domain's own deciders, on the states before it. */
export const judge: Judge = (of) => {
  const [first, ...more] = of.append.events;
  const found = judgeOf(of);
  if (found === undefined) return [{ kind: 'append', recorded: first.type, follows: 'no decision begins with it' }];
  const [streams, by, alone] = found;
  const kind = kindOf(of.append.stream);
  if (!streams.includes(kind)) {
    return [{ kind: 'place', recorded: `${first.type} in a stream of ${kind}`, follows: streams.join(' or ') }];
  }
  if (alone && more.length > 0) {
    return [{ kind: 'append', at: 1, recorded: `${first.type} and ${more.length} more`, follows: 'one event alone' }];
  }
  return [...sameCondition(of), ...by(of)];
};

type Found = readonly [streams: readonly StreamKind[], by: Judge, alone: boolean];
const RESIDENT = ['resident'] as const;

function judgeOf({ append }: Case): Found | undefined {
  const [event] = append.events;
  switch (event.type) {
    case 'access.permitted@1':
      return [RESIDENT, judgeAccess, true];
    case 'access.denied@1':
      switch (event.retained.selection.what) {
        case 'consent':
          return [RESIDENT, judgeDeniedRequest, true];
        case 'access-log':
          return [['resident', 'practitioner', 'institution'], judgeLogRead, true];
        default:
          return [RESIDENT, judgeAccess, true];
      }
    case 'access.log-read@1':
      return [['resident', 'practitioner', 'institution'], judgeLogRead, true];
    case 'access.missed@1':
      return [['practitioner', 'institution'], judgeMissed, true];
    case 'consent.requested@1':
      return [RESIDENT, judgeRequest, true];
    case 'consent.granted@1':
      return [RESIDENT, judgeGrant, true];
    case 'consent.denied@1':
    case 'consent.revoked@1':
      return [RESIDENT, judgeConsentEnd, true];
    case 'code.suspended@1':
    case 'code.resumed@1':
      return [RESIDENT, judgeCode, true];
    case 'code.closed@1':
      return [RESIDENT, judgeCode, false];
    case 'code.issued@1':
    case 'identity.registered@1':
    case 'identity.presented@1':
    case 'identity.document-linked@1':
    case 'identity.login-bound@1':
    case 'identity.deceased@1':
    case 'record.registered@1':
    case 'record.replaced@1':
    case 'record.withdrawn@1':
      return [RESIDENT, judgePerson, false];
    case 'institution.registered@1':
    case 'institution.changed@1':
    case 'institution.ended@1':
      return [['institution'], judgeParty, true];
    case 'practitioner.registered@1':
    case 'practitioner.changed@1':
    case 'practitioner.ended@1':
      return [['practitioner'], judgeParty, true];
    case 'ledger.opened@1':
    case 'ledger.policy-adopted@1':
    case 'ledger.restored@1':
      return [['ledger'], judgeLedger, true];
    case 'access.withheld@1':
      return [['resident', 'practitioner', 'institution'], judgeMark, true];
    case 'command.late@1':
      return [['resident', 'practitioner', 'institution', 'ledger'], judgeMark, true];
  }
}

/** The events of one append say the same of who, when and what was seen: it was one decision. */
function sameCondition({ append }: Case): readonly Flaw[] {
  const [first, ...more] = append.events;
  const told = ({ retained }: (typeof append.events)[number]): string => {
    const { by, decided, notAfter, seen } = retained;
    return JSON.stringify([by, decided, notAfter, seen]);
  };
  const at = more.length === 0 ? -1 : more.findIndex((event) => told(event) !== told(first));
  return at < 0
    ? []
    : [{ kind: 'append', at: at + 1, recorded: 'another condition than its append', follows: 'one condition' }];
}
