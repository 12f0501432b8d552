import { ROLES } from '../../app/roles.ts';
import { type CodeCommand, codeDecider } from '../../domain/code/decider.ts';
import { guardsOf } from '../../domain/guards.ts';
import { type Label, subjectOf } from '../../kernel/id.ts';
import type { Case, Judge, KnownOf } from './append.ts';
import { compareDecision } from './compare-events.ts';
import type { Flaw } from './difference.ts';
import { checkGuards } from './guards.ts';

type OnCode = KnownOf<'code.suspended@1'> | KnownOf<'code.resumed@1'> | KnownOf<'code.closed@1'>;

/** A code suspended, resumed or closed; closing ends requests and grants in the same append. */
export const judgeCode: Judge = (of) => {
  const [event] = of.append.events as unknown as readonly [OnCode];
  const { by } = event.retained;
  const kinds = guardsOf(codeDecider.folds as readonly ('identity' | 'code' | 'consent')[]).resident ?? [];
  const unguarded = checkGuards(of, [{ stream: event.stream, kinds }]);
  if (unguarded.length > 0) return unguarded;
  const command = commandOf(of, event);
  if (!ROLES[OPERATION[command.type]].includes(by.kind)) {
    return [{ kind: 'actor', recorded: `${by.kind} ${event.type}`, follows: 'no such command' }] as readonly Flaw[];
  }
  return compareDecision(of.append, codeDecider.decide(command, of.states.of(event.stream)));
};

const OPERATION = { suspend: 'suspendCode', resume: 'resumeCode', close: 'closeCode' } as const;

function commandOf({ append }: Case, event: OnCode): Exclude<CodeCommand, { type: 'issue' }> {
  const { by, codeRef, decided } = event.retained;
  const resident = subjectOf(append.stream) as Label;
  switch (event.type) {
    case 'code.suspended@1':
      return { type: 'suspend', codeRef, reason: event.retained.reason, by, resident };
    case 'code.resumed@1':
      return { type: 'resume', codeRef, by, resident };
    case 'code.closed@1':
      // A closing because of a death is never by itself; asked for as one, it is another reason than any that can be asked for.
      return { type: 'close', codeRef, reason: event.retained.reason as 'office', by, now: decided };
  }
}
