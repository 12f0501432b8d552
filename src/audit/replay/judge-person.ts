import { codeDecider } from '../../domain/code/decider.ts';
import type { States } from '../../domain/folds.ts';
import { guardsOf } from '../../domain/guards.ts';
import { type IdentityCommand, identityDecider } from '../../domain/identity/decider.ts';
import type { ShownDocument } from '../../domain/identity/documents.ts';
import { type RecordEntry, recordDecider } from '../../domain/record/decider.ts';
import { institutionStream, type Mark, subjectOf } from '../../kernel/id.ts';
import type { Case, Emitted, Judge, Known, KnownOf } from './append.ts';
import { compareEvents, refused } from './compare-events.ts';
import type { Flaw } from './difference.ts';
import { askerStream, checkGuards, type Guard } from './guards.ts';

/**
 * Everything else that is done to a person's account: registering or presenting them, linking documents, binding a sign-in, issuing a
 * code, registering, replacing and withdrawing records, reporting a death. An import does several in one append, each decided upon the one before.
 */
export const judgePerson: Judge = (of) => {
  const { append } = of;
  const unguarded = checkGuards(of, guardsNeeded(of));
  if (unguarded.length > 0) return unguarded;
  for (let at = 0; at < append.events.length; ) {
    const step = stepAt(of, at, of.states.of(append.stream));
    if ('flaws' in step) return step.flaws;
    at += step.length;
    of.take(at);
  }
  return [];
};

/** So many events of the append follow; or they do not. */
type Step = { readonly length: number } | { readonly flaws: readonly Flaw[] };

function guardsNeeded(of: Case): readonly Guard[] {
  const { stream, events, by } = of.append;
  const records = events.some(({ type }) => type.startsWith('record.'));
  const persons = events.some(({ type }) => !type.startsWith('record.'));
  const kinds = guardsOf([
    ...(records ? (['record'] as const) : []),
    ...(persons ? (['code'] as const) : []),
    'identity',
  ]);
  const asker = records && by.kind === 'practitioner' ? of : undefined;
  const practitioner = asker && askerStream(asker, by);
  return [
    { stream, kinds: kinds.resident ?? [] },
    ...(practitioner === undefined ? [] : [{ stream: practitioner, kinds: ['practitioner.'] }]),
    ...(asker === undefined || by.organisation === undefined
      ? []
      : [{ stream: institutionStream(by.organisation), kinds: ['institution.'] }]),
  ];
}

function stepAt(of: Case, at: number, states: States): Step {
  const event = of.append.events[at] as Known;
  switch (event.type) {
    case 'identity.registered@1':
    case 'identity.presented@1':
    case 'identity.document-linked@1':
      return identityStep(of, at, states);
    case 'identity.login-bound@1':
      return boundStep(of, at, states, event);
    case 'identity.deceased@1':
      return deathStep(of, at, states, event);
    case 'record.registered@1':
    case 'record.replaced@1':
    case 'record.withdrawn@1':
      return recordStep(of, at, states, event);
    default:
      // A code is issued with a person, and closed by itself or with a death: what stands here alone has no command.
      return { flaws: [{ kind: 'append', at, recorded: event.type, follows: 'no command makes this here' }] };
  }
}

const actor = (at: number, recorded: string): Step => ({
  flaws: [{ kind: 'actor', at, recorded, follows: 'no such command' }],
});

/** What the ledger keeps of a document: its mark. Its type and number are personal, so nothing is wrong with them here. */
const shown = (mark: Mark): ShownDocument => ({ mark, type: '', issuer: '', number: '' });
const login = (mark: Mark) => ({ mark, issuer: '', subject: '' });

/** A person at the counter, in a file, or with more documents; a code is issued to whoever has none that lives. */
function identityStep(of: Case, at: number, states: States): Step {
  const { events, by } = of.append;
  if (at !== 0)
    return { flaws: [{ kind: 'append', at, recorded: events[at]?.type ?? '', follows: 'first of its append' }] };
  if (by.kind !== 'issuer' && by.kind !== 'system') return actor(at, `${by.kind} ${events[0].type}`);
  of.note('marks');
  of.note('id-card');
  const end = events.findIndex(
    ({ type }) => !/^identity\.(registered|presented|document-linked|login-bound)@/.test(type),
  );
  const own = events.slice(0, end < 0 ? events.length : end);
  const decision = identityDecider.decide(commandOf(of, own), states);
  const follows =
    decision.kind === 'accept' ? compareEvents(own, decision.events) : [refused(own[0]?.type ?? '', decision.code)];
  const [first] = own;
  // A code issued anew shows a known person's documents as well, and links none that are claimed and not linked yet.
  const byDocuments = own.length === 1 && first?.type === 'identity.presented@1' && by.kind === 'issuer';
  if (follows.length > 0 && !(byDocuments && states.identity.status === 'living')) return { flaws: follows };
  if (first?.type === 'identity.document-linked@1') return { length: own.length };

  of.take(own.length);
  const then = of.states.of(of.append.stream);
  const next = events[own.length];
  const codeRef = next?.type === 'code.issued@1' ? next.retained.codeRef : ('' as Mark);
  const issued = codeDecider.decide({ type: 'issue', codeRef, code: '' }, then);
  if (issued.kind === 'refuse') return { flaws: [refused(events[0].type, issued.code)] };
  const codes = next?.type === 'code.issued@1' ? [next] : [];
  const flaws = compareEvents(codes, issued.events, own.length);
  return flaws.length > 0 ? { flaws } : { length: own.length + codes.length };
}

function commandOf(of: Case, own: readonly Known[]): IdentityCommand {
  const [first] = own as readonly [
    KnownOf<'identity.registered@1'> | KnownOf<'identity.presented@1'> | KnownOf<'identity.document-linked@1'>,
  ];
  const documents = first.retained.documents.map(shown);
  const bound = own.find(
    (event): event is KnownOf<'identity.login-bound@1'> => event.type === 'identity.login-bound@1',
  );
  const mark = first.type === 'identity.registered@1' ? first.retained.login : bound?.retained.login;
  const region = first.type === 'identity.registered@1' ? first.retained.region : '';
  const about = { region, person: { name: '' }, documents, ...(mark === undefined ? {} : { login: login(mark) }) };
  if (first.type !== 'identity.document-linked@1') return { type: 'register', ...about };
  // A file that knows more documents is taken for the dead too; an office links them to the living.
  return of.append.by.kind === 'system' ? { type: 'feed', ...about } : { type: 'link-documents', documents };
}

/** A resident who signs in by a document that the identity provider has verified. */
function boundStep(of: Case, at: number, states: States, event: KnownOf<'identity.login-bound@1'>): Step {
  const { by, stream } = of.append;
  if (by.kind !== 'resident' || by.id !== subjectOf(stream)) return actor(at, `${by.kind} ${event.type}`);
  of.note('marks');
  const decision = identityDecider.decide({ type: 'bind-login', login: login(event.retained.login) }, states);
  return stepOf(of, at, decision, 1);
}

function deathStep(of: Case, at: number, states: States, event: Known): Step {
  const { by, events, decided } = of.append;
  if (by.kind !== 'issuer' && by.kind !== 'system') return actor(at, `${by.kind} ${event.type}`);
  of.note('death-instant');
  return stepOf(of, at, identityDecider.decide({ type: 'report-death', now: decided }, states), events.length - at);
}

function recordStep(
  of: Case,
  at: number,
  states: States,
  event: KnownOf<'record.registered@1'> | KnownOf<'record.replaced@1'> | KnownOf<'record.withdrawn@1'>,
): Step {
  const { by, events } = of.append;
  const asker = {
    practitioner: of.states.of(askerStream(of, by)).practitioner,
    institution: of.states.of(by.organisation === undefined ? undefined : institutionStream(by.organisation))
      .institution,
  };
  if (event.type === 'record.withdrawn@1') {
    const { recordId, reason } = event.retained;
    const decision = recordDecider.decide({ type: 'withdraw', recordId, reason, by }, { ...states, ...asker });
    return stepOf(of, at, decision, events.length - at);
  }
  of.note('marks');
  const record: RecordEntry = { retained: withoutCommon(event), personal: {} as RecordEntry['personal'] };
  // Alone it may be anybody's registration; of several it is an import, which leaves out what is known already.
  const decision = recordDecider.decide(
    events.length === 1 ? { type: 'register', record, by } : { type: 'import', records: [record], by },
    { ...states, ...asker },
  );
  if (by.kind === 'practitioner' && (event.retained.author !== by.id || events.length > 1)) {
    return {
      flaws: [{ kind: 'field', at, recorded: `${event.type} author`, follows: 'the one practitioner who asks' }],
    };
  }
  if (by.kind === 'system') of.note('source-identity');
  return stepOf(of, at, decision, 1);
}

function withoutCommon(event: KnownOf<'record.registered@1'> | KnownOf<'record.replaced@1'>): RecordEntry['retained'] {
  const {
    by: _by,
    decided: _decided,
    notAfter: _notAfter,
    seen: _seen,
    trace: _trace,
    batch: _batch,
    ...own
  } = event.retained;
  return own;
}

function stepOf(
  of: Case,
  at: number,
  decision:
    | { readonly kind: 'accept'; readonly events: readonly Emitted[] }
    | { readonly kind: 'refuse'; readonly code: string },
  length: number,
): Step {
  const recorded = of.append.events.slice(at, at + length);
  if (decision.kind === 'refuse') return { flaws: [{ ...refused(recorded[0]?.type ?? '', decision.code), at }] };
  const flaws = compareEvents(recorded, decision.events, at);
  return flaws.length > 0 ? { flaws } : { length };
}
