import { describe, expect, it } from 'vitest';
import { institutionStream, residentStream } from '../src/kernel/id.ts';
import { recordEvent } from '../test/support/any-events.ts';
import { rowsAfter } from '../test/support/fold-read-model.ts';
import { eventIdOf, idOf, labelOf, markOf, type PlainEvent } from '../test/support/plain-events.ts';
import { ehrIndex, emrIndex } from './record-index.ts';

const stream = residentStream(labelOf(0));
const registered = (n: number): PlainEvent => ({ stream, event: recordEvent('record.registered@1', n) });
const replaced = (n: number): PlainEvent => ({
  stream,
  event: recordEvent('record.replaced@1', n, { category: 'imaging', to: '2026-03-04', version: 1 }),
});
const withdrawn = (n: number): PlainEvent => ({
  stream,
  event: { type: 'record.withdrawn@1', retained: { recordId: idOf('record', n), reason: 'custodian' }, personal: {} },
});

describe('the record indexes', () => {
  it('an EHR record has a row in the EHR index only, an EMR record in the EMR index only', async () => {
    const events = [registered(0), registered(1)];
    expect(await rowsAfter(ehrIndex, events)).toMatchObject([
      { recordId: idOf('record', 0), label: labelOf(0), revision: 0n },
    ]);
    expect(await rowsAfter(emrIndex, events)).toMatchObject([
      { recordId: idOf('record', 1), label: labelOf(0), revision: 1n },
    ]);
  });

  it('a replaced record shows the new event and keeps the instant of its registration', async () => {
    const [before] = await rowsAfter(ehrIndex, [registered(0)]);
    const [row] = await rowsAfter(ehrIndex, [registered(0), replaced(0)]);
    expect(row).toMatchObject({
      revision: 1n,
      eventId: eventIdOf('law', 1),
      eventType: 'record.replaced@1',
      category: 'imaging',
      periodTo: '2026-03-04',
      sourceVersion: markOf('version', 1),
      registeredAt: before?.registeredAt,
    });
    expect(row?.changedAt).not.toBe(row?.registeredAt);
    expect(row?.personalCommitment).not.toEqual(before?.personalCommitment);
  });

  it('a withdrawn record has no row, and neither a late replacement nor a second withdrawal brings it back', async () => {
    expect(await rowsAfter(ehrIndex, [registered(0), withdrawn(0), replaced(0), withdrawn(0)])).toEqual([]);
    expect(await rowsAfter(emrIndex, [registered(0), withdrawn(0)])).toEqual([]);
  });

  it('names the custodian as the decision saw it', async () => {
    const seen = [{ stream: institutionStream(idOf('institution', 0)), revision: 7, kinds: ['institution.'] }];
    expect(await rowsAfter(ehrIndex, [{ ...registered(0), seen }])).toMatchObject([
      { custodianRevision: 7n, authorRevision: null },
    ]);
  });
});
