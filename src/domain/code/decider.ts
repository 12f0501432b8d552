import type { ActorRef } from '../../kernel/event.ts';
import type { Label, Mark } from '../../kernel/id.ts';
import type { Instant } from '../../kernel/instant.ts';
import type { NewConsentEvent } from '../consent/events.ts';
import { type ConsentState, isOver } from '../consent/terms.ts';
import { accept, type Decider, refuse } from '../decider.ts';
import { hindrance, type IdentityState } from '../identity/terms.ts';
import type { RefusalCode } from '../refusals.ts';
import type { NewCodeEvent } from './events.ts';
import type { CodeState, SuspensionReason } from './terms.ts';

/** `by` is who asks, `resident` whose code it is: "own" is equality of labels. */
export type CodeCommand =
  | { readonly type: 'issue'; readonly codeRef: Mark; readonly code: string }
  | {
      readonly type: 'suspend';
      readonly codeRef: Mark;
      readonly reason: SuspensionReason;
      readonly by: ActorRef;
      readonly resident: Label;
    }
  | { readonly type: 'resume'; readonly codeRef: Mark; readonly by: ActorRef; readonly resident: Label }
  | {
      readonly type: 'close';
      readonly codeRef: Mark;
      readonly reason: 'resident' | 'office' | 'replaced';
      readonly by: ActorRef;
      readonly now: Instant;
    };

interface States {
  readonly identity: IdentityState;
  readonly code: CodeState;
  readonly consent: ConsentState;
}
type Event = NewCodeEvent | NewConsentEvent;

/** Suspensions that are the resident's to give and to take back; the others are the office's. */
const RESIDENTS_OWN: readonly SuspensionReason[] = ['resident', 'lost'];

export const codeDecider: Decider<CodeCommand, States, Event, RefusalCode> = {
  folds: ['identity', 'code', 'consent'],
  decide(command, { identity, code, consent }) {
    const { codeRef } = command;
    if (command.type === 'issue') {
      const why = hindrance(identity);
      if (why !== undefined) return refuse(why);
      if (code.closed.includes(codeRef)) return refuse('code-closed');
      // Registering again returns the existing code, also a suspended one.
      if (code.live !== undefined) return accept();
      return accept<Event>({
        type: 'code.issued@1',
        retained: { codeRef, kind: 'static' },
        personal: { code: command.code },
      });
    }

    const own = command.type !== 'close' && command.by.kind === 'resident' && command.by.id === command.resident;
    if (!own && command.by.kind !== 'issuer') return refuse('not-permitted');
    const closed = code.closed.includes(codeRef);
    if (!closed && code.live?.codeRef !== codeRef) return refuse('no-such-code');
    const suspended = code.live?.suspended;

    switch (command.type) {
      case 'suspend': {
        if (closed) return refuse('code-closed');
        const { reason } = command;
        const officeReason = !RESIDENTS_OWN.includes(reason);
        if (own && officeReason) return refuse('not-permitted');
        // The office's suspension goes over the resident's, so that the resident cannot end it; never the other way round.
        const stronger = suspended !== undefined && RESIDENTS_OWN.includes(suspended) && officeReason;
        if (suspended !== undefined && !stronger) return accept();
        return accept<Event>({ type: 'code.suspended@1', retained: { codeRef, reason }, personal: {} });
      }
      case 'resume':
        if (closed) return refuse('code-closed');
        if (suspended === undefined) return accept();
        if (own && !RESIDENTS_OWN.includes(suspended)) return refuse('suspended-by-office');
        return accept<Event>({ type: 'code.resumed@1', retained: { codeRef }, personal: {} });
      case 'close':
        if (closed) return accept();
        return accept<Event>(
          { type: 'code.closed@1', retained: { codeRef, reason: command.reason }, personal: {} },
          ...endOfConsents(consent, command.now),
        );
    }
  },
};

/** Closing a code ends its resident's pending requests and live grants, each by an event of its own: none outlives the code. */
function endOfConsents(consent: ConsentState, now: Instant): NewConsentEvent[] {
  const pending = consent.pending.filter(({ answerBy }) => now <= answerBy);
  const granted = consent.grants.filter(({ terms }) => !isOver(terms, now));
  const reason = 'code-closed';
  return [
    ...pending.map(
      ({ consentId }): NewConsentEvent => ({ type: 'consent.denied@1', retained: { consentId, reason }, personal: {} }),
    ),
    ...granted.map(
      ({ consentId }): NewConsentEvent => ({
        type: 'consent.revoked@1',
        retained: { consentId, reason },
        personal: {},
      }),
    ),
  ];
}
