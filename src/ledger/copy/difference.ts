import { equalBytes } from '../../kernel/bytes.ts';
import type { RecordedEvent } from '../port.ts';

/** What of two events is not the same; undefined when only their places in the engines' own logs differ. */
export function differenceOf(a: RecordedEvent, b: RecordedEvent): string | undefined {
  const same: readonly (readonly [string, boolean])[] = [
    ['its leaf', equalBytes(a.leafHash, b.leafHash) && equalBytes(a.leaf, b.leaf)],
    ['its stream', a.stream === b.stream],
    ['its revision', a.revision === b.revision],
    ['its id', a.id === b.id],
    ['its type', a.type === b.type],
    ['its time', a.time === b.time],
    ['its header', equalBytes(a.header, b.header) && equalBytes(a.headerOpening, b.headerOpening)],
    ['its chain head', equalBytes(a.head, b.head)],
    ['its commitments', (['retained', 'personal'] as const).every((part) => samePart(a, b, part))],
    ['its retained part', sameSealed(a, b, 'retained')],
    ['its personal part', sameSealed(a, b, 'personal')],
  ];
  return same.find(([, holds]) => !holds)?.[0];
}

const samePart = (a: RecordedEvent, b: RecordedEvent, part: 'retained' | 'personal'): boolean =>
  equalBytes(a.commitments[part], b.commitments[part]);

const sameSealed = (a: RecordedEvent, b: RecordedEvent, part: 'retained' | 'personal'): boolean =>
  a.sealed[part].keyId === b.sealed[part].keyId && equalBytes(a.sealed[part].bytes, b.sealed[part].bytes);
