import { describe, expect, it } from 'vitest';
import { Malformed } from '../kernel/fault.ts';
import type { RecordedEvent } from '../ledger/port.ts';
import { KeyMissing, VaultUnavailable, WrongKeyring } from '../vault/faults.ts';
import type { SealedRef } from '../vault/port.ts';
import { anyOpened, assertOwnKeyring, type Openers, openParts } from './open-parts.ts';

const event = (id: string): RecordedEvent =>
  ({ id, commitments: {}, sealed: { retained: {}, personal: {} } }) as unknown as RecordedEvent;
const EVENTS = ['a', 'b', 'c'].map(event);

/** Opens all parts of a batch, unless the batch holds one of an event that `trouble` speaks of. */
const openers = (trouble: (id: string) => Error | undefined, each: (id: string) => unknown = () => ({})): Openers => {
  const open = async (parts: readonly SealedRef[]) => {
    for (const { id } of parts) {
      const error = trouble(id);
      if (error !== undefined) throw error;
    }
    return parts.map(({ id }) => each(id));
  };
  return { openRetained: open, openPersonal: open } as unknown as Openers;
};
const kinds = async (given: Openers) =>
  (await openParts(given, EVENTS)).map(({ personal }) => (personal instanceof Error ? personal.name : personal));

describe('opening the parts of a page', () => {
  it('answers each part, also one that is wrong', async () => {
    const wrong = new Malformed('sealed personal', 'tag does not fit');
    const given = openers(
      () => undefined,
      (id) => (id === 'b' ? wrong : { id }),
    );
    expect(await kinds(given)).toEqual([{ id: 'a' }, 'Malformed', { id: 'c' }]);
  });

  it.each([new KeyMissing('k'), new WrongKeyring('a stored key is no wrap')])(
    'names the event that a key keeps shut, though the key fails the whole batch: $name',
    async (error) => {
      expect(await kinds(openers((id) => (id === 'b' ? error : undefined)))).toEqual([{}, error.name, {}]);
    },
  );

  it("throws what is nobody's part", async () => {
    await expect(kinds(openers(() => new VaultUnavailable(undefined)))).rejects.toBeInstanceOf(VaultUnavailable);
    await expect(kinds(openers(() => new TypeError('a bug')))).rejects.toBeInstanceOf(TypeError);
  });

  it('tells a keyring that opens nothing from a key that does not open', async () => {
    const wrong = new WrongKeyring('a stored key does not open');
    const nothing = await openParts(
      openers(() => wrong),
      EVENTS,
    );
    expect(anyOpened(nothing)).toBe(false);
    expect(() => assertOwnKeyring(nothing)).toThrow(wrong);
    const some = await openParts(
      openers((id) => (id === 'c' ? undefined : wrong)),
      EVENTS,
    );
    expect(anyOpened(some)).toBe(true);
    const gone = await openParts(
      openers(
        () => undefined,
        () => 'erased',
      ),
      EVENTS,
    );
    expect(anyOpened(gone)).toBe(false);
    expect(() => assertOwnKeyring(gone)).not.toThrow();
  });
});
