import type { Mark } from '../../kernel/id.ts';
import type { Day, Instant } from '../../kernel/instant.ts';
import type { NewCodeEvent } from '../code/events.ts';
import type { CodeState } from '../code/terms.ts';
import { accept, type Decider, type Decision, refuse } from '../decider.ts';
import type { RefusalCode } from '../refusals.ts';
import { asSet } from '../sets.ts';
import { distinct, documentFault, type ShownDocument, written } from './documents.ts';
import type { NewIdentityEvent } from './events.ts';
import type { IdentityState } from './terms.ts';

/** So many documents of one person are told apart; more would be a mistake of a feed. */
export const MAX_DOCUMENTS = 32;
export const MAX_LOGINS = 8;

export interface Person {
  readonly name: string;
  readonly sex?: 'male' | 'female' | 'other' | 'unknown';
  readonly birthDate?: Day;
  readonly phone?: string;
  readonly address?: string;
}

/** A sign-in: (issuer, subject) of a token, and its mark under the stream's tag key. */
export interface Login {
  readonly mark: Mark;
  readonly issuer: string;
  readonly subject: string;
}

interface Registration {
  readonly region: string;
  readonly person: Person;
  readonly documents: readonly ShownDocument[];
  readonly login?: Login;
}

/**
 * The caller has claimed the documents and the sign-in for this stream's resident (one person per document), so that a stream
 * that is not empty is the same person known before.
 */
export type IdentityCommand =
  /** A person at the counter: every registration leaves its event, of a known person `presented`. */
  | ({ readonly type: 'register' } & Registration)
  /** The same from a source system's file: what is known already leaves none. */
  | ({ readonly type: 'feed' } & Registration)
  | { readonly type: 'link-documents'; readonly documents: readonly ShownDocument[] }
  | { readonly type: 'bind-login'; readonly login: Login }
  | { readonly type: 'report-death'; readonly deceasedAt?: Instant; readonly source?: string; readonly now: Instant };

interface States {
  readonly identity: IdentityState;
  readonly code: CodeState;
}
type Event = NewIdentityEvent | NewCodeEvent;

export const identityDecider: Decider<IdentityCommand, States, Event, RefusalCode> = {
  folds: ['identity', 'code'],
  decide(command, { identity, code }) {
    switch (command.type) {
      case 'register':
        if (identity.status === 'deceased') return refuse('deceased');
        return register(command, identity);
      case 'feed':
        return register(command, identity);
      case 'link-documents':
        if (identity.status === 'unregistered') return refuse('not-registered');
        if (identity.status === 'deceased') return refuse('deceased');
        return link(command.documents, identity);
      case 'bind-login':
        if (identity.status === 'unregistered') return refuse('not-registered');
        if (identity.status === 'deceased') return refuse('deceased');
        return bind(command.login, identity);
      case 'report-death': {
        if (identity.status === 'unregistered') return refuse('not-registered');
        if (identity.status === 'deceased') return accept();
        const { deceasedAt, source, now } = command;
        if (deceasedAt !== undefined && deceasedAt > now) return refuse('death-in-future');
        // Grants are not revoked: they freeze, because nothing is decided on the dead (decide-access.ts), and stay as evidence.
        return accept<Event>(
          {
            type: 'identity.deceased@1',
            retained: {},
            personal: { ...(deceasedAt && { deceasedAt }), ...(source !== undefined && { source }) },
          },
          ...(code.live === undefined ? [] : [codeClosedByDeath(code.live.codeRef)]),
        );
      }
    }
  },
};

const codeClosedByDeath = (codeRef: Mark): NewCodeEvent => ({
  type: 'code.closed@1',
  retained: { codeRef, reason: 'deceased' },
  personal: {},
});

function register(
  command: Extract<IdentityCommand, { type: 'register' | 'feed' }>,
  identity: IdentityState,
): Decision<Event, RefusalCode> {
  const { region, person, login } = command;
  const documents = distinct(command.documents);
  if (documents.length === 0) return refuse('document-missing');
  if (documents.length > MAX_DOCUMENTS) return refuse('too-many-documents');
  const fault = documentFault(documents, person);
  if (fault !== undefined) return refuse(fault);

  if (identity.status === 'unregistered') {
    return accept<Event>({
      type: 'identity.registered@1',
      retained: { region, documents: marksOf(documents), ...(login && { login: login.mark }) },
      personal: {
        ...person,
        documents: documents.map(written),
        ...(login && { login: { issuer: login.issuer, subject: login.subject } }),
      },
    });
  }
  const linked = link(documents, identity);
  if (linked.kind === 'refuse') return linked;
  // The dead sign in nowhere: a feed that brings an old sign-in is taken without it.
  const bound: Decision<Event, RefusalCode> =
    login === undefined || identity.status === 'deceased' ? accept() : bind(login, identity);
  if (bound.kind === 'refuse') return bound;
  const presented: Event[] =
    command.type === 'register'
      ? [{ type: 'identity.presented@1', retained: { documents: marksOf(documents) }, personal: {} }]
      : [];
  return accept<Event>(...presented, ...linked.events, ...bound.events);
}

/** Links those documents that are not linked yet. */
function link(shown: readonly ShownDocument[], identity: IdentityState): Decision<Event, RefusalCode> {
  const fault = documentFault(shown);
  if (fault !== undefined) return refuse(fault);
  const more = distinct(shown).filter(({ mark }) => !identity.documents.includes(mark));
  if (more.length === 0) return accept();
  if (identity.documents.length + more.length > MAX_DOCUMENTS) return refuse('too-many-documents');
  return accept<Event>({
    type: 'identity.document-linked@1',
    retained: { documents: marksOf(more) },
    personal: { documents: more.map(written) },
  });
}

function bind(login: Login, identity: IdentityState): Decision<Event, RefusalCode> {
  if (identity.logins.includes(login.mark)) return accept();
  if (identity.logins.length >= MAX_LOGINS) return refuse('too-many-logins');
  return accept<Event>({
    type: 'identity.login-bound@1',
    retained: { login: login.mark },
    personal: { issuer: login.issuer, subject: login.subject },
  });
}

function marksOf(documents: readonly ShownDocument[]): Mark[] {
  return asSet(documents.map(({ mark }) => mark));
}
