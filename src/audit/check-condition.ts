import type { CommonRetained } from '../kernel/event.ts';
import type { StreamName } from '../kernel/id.ts';
import type { RecordedEvent } from '../ledger/port.ts';
import { type EventPlace, type Finding, type FindingKind, findingAt } from './finding.ts';
import { NOTHING, type Stood } from './stream-seen.ts';

/**
 * What the retained part claims about the moment of the append, against what stands before the event. Its own stream is held against
 * what stood before the whole append: events of the same append were not there when it was decided. With `overtaken`, something newer in
 * another stream is told to it, and nothing wrong.
 */
export function checkCondition(
  event: EventPlace & Pick<RecordedEvent, 'time'>,
  retained: Pick<CommonRetained, 'decided' | 'notAfter' | 'seen'>,
  base: Stood,
  stoodIn: (stream: StreamName) => Stood | undefined,
  overtaken?: () => void,
): Finding | undefined {
  let late = false;
  const wrong = (kind: FindingKind, detail: string): Finding => findingAt(event, kind, detail);
  if (retained.decided > event.time) return wrong('decided-after-append', 'decided after it was appended');
  if (event.time > retained.notAfter) return wrong('condition-broken', 'appended after its notAfter');
  for (const seen of retained.seen) {
    const stood = seen.stream === event.stream ? base : (stoodIn(seen.stream) ?? NOTHING);
    const revision = BigInt(seen.revision);
    if (revision > stood.revision)
      return wrong('condition-broken', `claims to have seen ${seen.stream} at a revision that did not yet stand`);
    for (const [type, last] of stood.lastOfType) {
      if (last <= revision || !seen.kinds.some((kind) => type.startsWith(kind))) continue;
      if (overtaken !== undefined && seen.stream !== event.stream) late = true;
      else return wrong('condition-broken', `a newer ${type} stood in ${seen.stream}, which the decision had seen`);
    }
  }
  if (late) overtaken?.();
  return undefined;
}
