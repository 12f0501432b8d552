import { READ_GUARDS } from '../../domain/guards.ts';
import type { ActorRef } from '../../kernel/event.ts';
import { type Id16, institutionStream, practitionerStream, type StreamName } from '../../kernel/id.ts';
import type { Case } from './append.ts';
import type { Flaw } from './difference.ts';

/** What an append's condition must at least have guarded. */
export interface Guard {
  readonly stream: StreamName | undefined;
  readonly kinds: readonly string[];
}

/** Guarding more than is needed makes a decision no less right; guarding less leaves open what it was made on. */
export function checkGuards({ append }: Case, needed: readonly Guard[]): readonly Flaw[] {
  for (const { stream, kinds } of needed) {
    const seen = append.seen.find((one) => one.stream === stream);
    const open = kinds.find((kind) => seen?.kinds.some((guarded) => kind.startsWith(guarded)) !== true);
    if (open === undefined) continue;
    const what = stream === undefined ? 'the ledger’s stream' : stream.slice(0, stream.indexOf('/'));
    return [{ kind: 'guards', recorded: `seen without ${open}`, follows: `${open} of ${what} guarded` }];
  }
  return [];
}

/** The stream of the practitioner who asks: when registered, or when the condition names it though nothing stands there. */
export function askerStream({ append, states }: Case, { kind, id }: ActorRef): StreamName | undefined {
  if (kind !== 'practitioner') return undefined;
  const stream = practitionerStream(id as Id16);
  const known = states.stood(stream) !== undefined || append.seen.some((seen) => seen.stream === stream);
  return known ? stream : undefined;
}

/** What every read guards beside the resident: the asker, the token's organisation, the policy. */
export function readGuards(of: Case): readonly Guard[] {
  const { by } = of.append;
  const practitioner = askerStream(of, by);
  const organisation = by.kind === 'resident' ? undefined : by.organisation;
  return [
    ...(practitioner === undefined ? [] : [{ stream: practitioner, kinds: READ_GUARDS.actor }]),
    ...(organisation === undefined ? [] : [{ stream: institutionStream(organisation), kinds: READ_GUARDS.actor }]),
    { stream: of.states.ledger, kinds: READ_GUARDS.ledger },
  ];
}
