import { type Id16, isId16 } from '../../kernel/id.ts';
import { type Actor, actorRef } from '../actor.ts';
import type { App } from '../app.ts';

/** A record's id as this actor sees it: another actor's is of no use, and it says nothing by itself. */
export function sealNodeId(app: Pick<App, 'tokens'>, actor: Actor, recordId: Id16): string {
  return app.tokens.seal('record', [actorRef(actor).id], { r: recordId });
}

/** The record meant; undefined for whatever was not given to this actor, which is then answered like a record that is not covered. */
export function openNodeId(app: Pick<App, 'tokens'>, actor: Actor, token: string): Id16 | undefined {
  const payload = app.tokens.open('record', [actorRef(actor).id], token) as { r: string } | undefined;
  return payload !== undefined && isId16(payload.r) ? payload.r : undefined;
}
