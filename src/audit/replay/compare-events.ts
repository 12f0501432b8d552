import { DECISION_LIFE_MS } from '../../app/conflict.ts';
import type { Decision } from '../../domain/decider.ts';
import { addMs, earliest, type Instant } from '../../kernel/instant.ts';
import type { Append, Emitted, Known } from './append.ts';
import { ownFields } from './append.ts';
import { type Flaw, otherPath } from './difference.ts';

/** The events as recorded, from the `from`-th on, against those that a decision emits. */
export function compareEvents(recorded: readonly Known[], emitted: readonly Emitted[], from = 0): readonly Flaw[] {
  const length = Math.max(recorded.length, emitted.length);
  for (let i = 0; i < length; i++) {
    const [had, due] = [recorded[i], emitted[i]];
    if (had === undefined || due === undefined || had.type !== due.type) {
      const at = from + Math.max(0, Math.min(i, recorded.length - 1));
      return [{ kind: 'decision', at, recorded: had?.type ?? 'nothing more', follows: due?.type ?? 'nothing more' }];
    }
    const path = otherPath(ownFields(had.retained), due.retained);
    if (path !== undefined) {
      return [{ kind: 'field', at: from + i, recorded: `${had.type} ${path}`, follows: `another ${path}` }];
    }
  }
  return [];
}

/** The same for a decider's whole answer, with its end in time. */
export function compareDecision(
  append: Append,
  decision: Decision<Emitted>,
  recorded: readonly Known[] = append.events,
): readonly Flaw[] {
  if (decision.kind === 'refuse') return [refused(append.events[0].type, decision.code)];
  const flaws = compareEvents(recorded, decision.events);
  return flaws.length > 0 ? flaws : checkEnd(append, decision.until);
}

export const refused = (type: string, code: string): Flaw => ({
  kind: 'decision',
  recorded: type,
  follows: `refused: ${code}`,
});

/** No append is later than its decision holds. When the token ended stands nowhere: it can only have made it earlier. */
export function checkEnd({ decided, notAfter }: Append, until: Instant | undefined): readonly Flaw[] {
  const last = earliest(addMs(decided, DECISION_LIFE_MS), ...(until === undefined ? [] : [until]));
  return notAfter <= last ? [] : [{ kind: 'not-after', recorded: 'notAfter', follows: 'an earlier notAfter' }];
}
