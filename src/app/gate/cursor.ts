import type { Canonical } from '../../kernel/canonical.ts';
import type { Actor } from '../actor.ts';
import { actorRef } from '../actor.ts';
import type { App } from '../app.ts';

/** Where a page ended: its number, and the sort key of its last row. Sealed, and bound to the actor and to every argument that chooses rows. */
export interface CursorPayload {
  readonly page: number;
  readonly key: readonly string[];
}

export const FIRST_PAGE = { page: 1 } as const;

/** The parts a cursor is bound to: who, which read, which arguments. Another actor or another query cannot use it. */
export function cursorBinding(actor: Actor, read: string, query: Canonical): string[] {
  return [actorRef(actor).id, read, JSON.stringify(query)];
}

export function sealCursor(app: App, binding: readonly string[], payload: CursorPayload): string {
  return app.tokens.seal('cursor', binding, { page: payload.page, key: payload.key });
}

/** The payload; 'bad' for anything that this ledger did not give to this actor for this query. */
export function openCursor(app: App, binding: readonly string[], cursor: string): CursorPayload | 'bad' {
  const payload = app.tokens.open('cursor', binding, cursor);
  return payload === undefined ? 'bad' : (payload as unknown as CursorPayload);
}
