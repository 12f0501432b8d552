import type { CodeEvent } from '../../domain/code/events.ts';
import type { Mark, StreamName } from '../../kernel/id.ts';
import { LedgerCorrupt } from '../../ledger/faults.ts';
import { sealedRef, toPastEvents } from '../past-event.ts';
import type { GateApp } from './gate-app.ts';

/**
 * The text of a resident's code, for the office that has just registered or presented the person: the event that stands for this is
 * `identity.registered` or `identity.presented`, and it is durable before this is called.
 */
export async function codeText(app: GateApp, stream: StreamName, codeRef: Mark): Promise<string> {
  for await (const event of app.ledger.readStream(stream)) {
    if (event.type !== 'code.issued@1') continue;
    const [past] = (await toPastEvents([event], app.openRetained)) as CodeEvent[];
    if (past === undefined || past.retained === 'expired' || past.retained.codeRef !== codeRef) continue;
    const [personal] = await app.openPersonal([sealedRef(event, 'personal')]);
    if (personal !== undefined && personal !== 'erased') return personal.code as string;
  }
  throw new LedgerCorrupt('a live code was never issued');
}
