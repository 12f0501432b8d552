import type { CommonRetained } from '../kernel/event.ts';
import type { RecordedEvent } from '../ledger/port.ts';
import { KeyMissing, WrongKeyring } from '../vault/faults.ts';
import type { SealedRef } from '../vault/port.ts';

export type Retained = CommonRetained & Record<string, unknown>;
export type Personal = Record<string, unknown>;

/** Opens one batch of parts and answers part by part; a part that fails is an Error in its place. */
export interface Openers {
  readonly openRetained: (parts: readonly SealedRef[]) => Promise<readonly (Retained | 'expired' | Error)[]>;
  readonly openPersonal: (parts: readonly SealedRef[]) => Promise<readonly (Personal | 'erased' | Error)[]>;
}

export interface OpenedParts {
  readonly retained: Retained | 'expired' | Error;
  readonly personal: Personal | 'erased' | Error;
}

/** Opens both parts of all events. Throws what is nobody's part, such as `vault-unavailable`. */
export async function openParts(openers: Openers, events: readonly RecordedEvent[]): Promise<readonly OpenedParts[]> {
  const refs = (kind: 'retained' | 'personal') => events.map((event) => refOf(event, kind));
  const retained = await openRetainedParts(openers, refs('retained'));
  const personal = await openEach(openers.openPersonal, refs('personal'));
  return events.map((_, i) => ({
    retained: retained[i] ?? new Error('no answer'),
    personal: personal[i] ?? new Error('no answer'),
  }));
}

/** Opens retained parts alone: what folds and deciders may see. */
export const openRetainedParts = (
  { openRetained }: Pick<Openers, 'openRetained'>,
  refs: readonly SealedRef[],
): Promise<readonly (Retained | 'expired' | Error)[]> => openEach(openRetained, refs);

const refOf = (event: RecordedEvent, kind: 'retained' | 'personal'): SealedRef => ({
  stream: event.stream,
  id: event.id,
  type: event.type,
  commitment: event.commitments[kind],
  part: event.sealed[kind],
});

/**
 * A stored key that cannot be used fails the whole batch that asks for it. Then each event is asked by itself, so that the first one
 * that this key keeps shut is named.
 */
async function openEach<T>(
  open: (parts: readonly SealedRef[]) => Promise<readonly (T | Error)[]>,
  refs: readonly SealedRef[],
): Promise<readonly (T | Error)[]> {
  try {
    return await open(refs);
  } catch (error) {
    if (!isAboutKey(error)) throw error;
  }
  const answers: (T | Error)[] = [];
  for (const ref of refs) {
    try {
      answers.push(...(await open([ref])));
    } catch (error) {
      if (!isAboutKey(error)) throw error;
      answers.push(error);
    }
  }
  return answers;
}

const isAboutKey = (error: unknown): error is KeyMissing | WrongKeyring =>
  error instanceof KeyMissing || error instanceof WrongKeyring;

/** True when any of these parts was opened. */
export const anyOpened = (opened: readonly OpenedParts[]): boolean =>
  opened.some(({ retained, personal }) => isClear(retained) || isClear(personal));

const isClear = (answer: OpenedParts[keyof OpenedParts]): boolean =>
  typeof answer === 'object' && !(answer instanceof Error);

/**
 * With another ledger's keyring nothing opens at all: that is the operator's mistake and no fault of the ledger, so it is thrown. Once
 * anything has opened, a stored key that does not is damaged, and belongs to the event that needs it.
 */
export function assertOwnKeyring(opened: readonly OpenedParts[]): void {
  for (const { retained, personal } of opened) {
    if (retained instanceof WrongKeyring) throw retained;
    if (personal instanceof WrongKeyring) throw personal;
  }
}
