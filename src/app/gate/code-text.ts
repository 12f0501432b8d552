import type { CodeEvent } from '../../domain/code/events.ts';
import type { Mark, StreamName } from '../../kernel/id.ts';
import { LedgerCorrupt } from '../../ledger/faults.ts';
import type { RecordedEvent } from '../../ledger/port.ts';
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
    return textOf(app, event);
  }
  throw new LedgerCorrupt('a live code was never issued');
}

/**
 * The text that such a command answered when it was appended, whatever became of the code since: that of the last code issued by then,
 * because one is issued only where none lives.
 */
export async function codeAsOf(app: GateApp, command: readonly RecordedEvent[]): Promise<string> {
  const last = command.at(-1) as RecordedEvent;
  let issued: RecordedEvent | undefined;
  for await (const event of app.ledger.readStream(last.stream)) {
    if (event.revision > last.revision) break;
    if (event.type === 'code.issued@1') issued = event;
  }
  if (issued === undefined) throw new LedgerCorrupt('a code was answered that was never issued');
  return textOf(app, issued);
}

async function textOf(app: GateApp, issued: RecordedEvent): Promise<string> {
  const [personal] = await app.openPersonal([sealedRef(issued, 'personal')]);
  if (personal === undefined || personal === 'erased') throw new LedgerCorrupt('a code stands whose text is gone');
  return personal.code as string;
}
