import type { StreamKind } from '../kernel/id.ts';
import { FOLDS, type FoldName, STREAM_OF } from './folds.ts';
import { asSet } from './sets.ts';

/**
 * What an append is guarded by: for each stream that was looked at, the kinds whose later arrival would undo the decision
 * (ledger.md §2). Of a resident always `erasure.` too: nothing is written under a key that an erasure has ended.
 */
export type Guards = { readonly [K in StreamKind]?: readonly string[] };

/** The guards of a command whose decider reads these folds: all that they read. */
export function guardsOf(folds: readonly FoldName[]): Guards {
  const kinds: { [K in StreamKind]?: string[] } = {};
  for (const name of folds) {
    const stream = STREAM_OF[name];
    kinds[stream] = asSet([
      ...(kinds[stream] ?? []),
      ...FOLDS[name].kinds,
      ...(stream === 'resident' ? ['erasure.'] : []),
    ]);
  }
  return kinds;
}

/** The folds that deciding an access reads, and `shelf`, which says how far the read tables must have come. */
export const READ_FOLDS = [
  'identity',
  'code',
  'consent',
  'custodians',
  'shelf',
  'practitioner',
  'institution',
  'policy',
] as const satisfies readonly FoldName[];

/**
 * The guards of an access. Less than its folds read: a record registered meanwhile is not in the plan and takes nothing from it, and
 * custodians only grow. More, too: kinds that are not built yet, so that the stored conditions need not change when they come.
 */
export const READ_GUARDS = {
  resident: [
    'code.',
    'consent.',
    'emergency.',
    'erasure.',
    'identity.',
    'record.replaced',
    'record.sealed',
    'record.unsealed',
    'record.withdrawn',
  ],
  /** Of the asker's practitioner stream and of the stream of the asker's organisation. */
  actor: ['institution.', 'practitioner.'],
  ledger: ['ledger.policy-'],
} as const;
